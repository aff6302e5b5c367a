import Basics
import Media
import Testing

@Suite struct `ICE credentials` {
    @Test func `are made by chance, with 144 bits in the password`() throws {
        var random = SeededRandom(seed: 1)
        var names: Set<String> = []
        for _ in 0..<1_000 {
            let credentials = try #require(ICECredentials(using: &random))
            #expect(credentials.ufrag.utf8.count == 8)
            #expect(credentials.password.utf8.count == 24)
            names.insert(credentials.password)
        }
        #expect(names.count == 1_000)
    }

    @Test func `may bear a name that says where they live`() {
        var random = SeededRandom(seed: 1)
        #expect(ICECredentials(ufrag: "n7e12/abc", using: &random)?.ufrag == "n7e12/abc")
        #expect(ICECredentials(ufrag: "abc", using: &random) == nil)
        #expect(ICECredentials(ufrag: "ab:cd", using: &random) == nil)
    }

    @Test func `of a peer are taken within the lengths of RFC 8839`() {
        let password = String(repeating: "p", count: 22)
        #expect(ICECredentials(ufrag: "abcd", password: password) != nil)
        #expect(ICECredentials(ufrag: "a+/9", password: password + "+/") != nil)
        #expect(ICECredentials(ufrag: "abc", password: password) == nil)
        #expect(ICECredentials(ufrag: "abcd", password: password.dropLast()) == nil)
        let longest = String(repeating: "x", count: 256)
        #expect(ICECredentials(ufrag: longest, password: longest) != nil)
        #expect(ICECredentials(ufrag: longest + "x", password: longest) == nil)
        #expect(ICECredentials(ufrag: longest, password: longest + "x") == nil)
        #expect(ICECredentials(ufrag: "ab cd", password: password) == nil)
        #expect(ICECredentials(ufrag: "äöüß", password: password) == nil)
    }

    @Test func `show no password`() {
        let credentials = ICECredentials.seeded(7)
        var dumped = ""
        dump(credentials, to: &dumped)
        for text in ["\(credentials)", String(reflecting: credentials), dumped] {
            #expect(!text.contains(credentials.password))
            #expect(text.contains(credentials.ufrag))
        }
    }
}
