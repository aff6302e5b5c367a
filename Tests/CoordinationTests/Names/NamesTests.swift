import Coordination
import Testing

@Suite struct `Names in a cluster` {
    @Test func `are written and read back`() throws {
        let member = MemberID(name: try #require(NodeName("crow-1")), nonce: 0xC0FFEE)
        #expect(member.description == "crow-1#0000000000c0ffee")
        #expect(MemberID(member.description) == member)
        let token = Token(generation: Generation(2), count: 17)
        #expect(token.description == "2.17")
        #expect(Token("2.17") == token)
    }

    @Test(arguments: [
        "", "crow", "crow#", "crow#c0ffee", "crow#0000000000C0FFEE", "cr ow#0000000000c0ffee",
        "#0000000000c0ffee", "crow#0000000000c0ffee#", "crow#+000000000c0ffee",
    ])
    func `are refused if they are not exactly one`(text: String) {
        #expect(MemberID(text) == nil)
    }

    @Test(arguments: ["", "2", "2.", ".2", "2.17.", "+2.17", "2.-1", "2.9007199254740993", "a.b"])
    func `are refused if they are no tokens`(text: String) {
        #expect(Token(text) == nil)
    }

    @Test func `of channels have no braces, for Redis takes those for itself`() {
        #expect(Channel("4yrpetcz6jbwiqmbmtbhfwpkhe") != nil)
        #expect(Channel("a{b}") == nil)
        #expect(Channel(String(repeating: "a", count: 65)) == nil)
        #expect(Channel("") == nil)
    }

    @Test func `order tokens by generation first`() {
        let old = Token(generation: Generation(1), count: 900)
        #expect(old < Token(generation: Generation(2), count: 1))
    }

    @Test func `keep Sentinel's epochs apart from what is lost within one`() {
        let first = Generation(epoch: 7)
        #expect(first.description == "7000000")
        #expect(first.next.epoch == 7)
        #expect(first.next < Generation(epoch: 8))
        #expect(Generation(epoch: .max).rawValue <= UInt64.exactLimit)
    }
}
