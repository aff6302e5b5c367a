import Basics
import Identity
import Testing

@Suite struct `The dev provider` {
    private let provider = DevProvider()

    @Test func `lets anybody in with every right but a host's`() throws {
        let ana = try provider.principal(named: "  Ana \t Lee ")
        #expect(ana.displayName == "Ana Lee")
        #expect(ana.username == "ana-lee")
        #expect(!ana.isAdmin)
        let anywhere = Identifier(naming: "anywhere", as: .channel)
        #expect(ana.rights(in: anywhere) == [.read, .join, .start, .record])
        #expect(try provider.principal(named: "ana lee").id == ana.id)
        #expect(try provider.principal(named: "analee").id != ana.id)
    }

    @Test func `knows one administrator, by name`() throws {
        #expect(try provider.principal(named: "Admin").isAdmin)
        #expect(try !provider.principal(named: "admin2").isAdmin)
        let anywhere = Identifier(naming: "anywhere", as: .channel)
        #expect(try provider.principal(named: "admin").rights(in: anywhere) == .all)
    }

    @Test func `knows one bot, by name`() throws {
        #expect(try provider.principal(named: "Calls").isBot)
        #expect(try !provider.principal(named: "ana").isBot)
    }

    @Test(arguments: [
        ("", PersonName.Fault.empty), (" \t\n", .empty), ("a\u{0}b", .strange),
        ("a\u{7f}", .strange), ("\u{202e}nimda", .strange), ("a\u{200b}b", .strange),
        ("\u{e000}", .strange), (String(repeating: "x", count: 65), .tooLong),
        (String(repeating: "\u{e9}", count: 33), .tooLong),
        (String(repeating: " ", count: 257), .tooLong),
    ])
    func `refuses what is no name`(name: String, fault: PersonName.Fault) {
        #expect(throws: fault) { try provider.principal(named: name) }
    }

    @Test(arguments: ["x", "\u{5c71}\u{7530}", "O'Brien", "\u{1f989}"])
    func `takes names in any script`(name: String) throws {
        #expect(try provider.principal(named: name).displayName == name)
    }

    @Test func `takes 64 bytes`() throws {
        let name = String(repeating: "x", count: 64)
        #expect(try provider.principal(named: name).displayName == name)
    }
}

@Suite struct `An id for a name` {
    @Test func `is the name if that is an id`() {
        let id = "abcdefghijklmnopqrstuvwxyz"
        #expect("\(Identifier(naming: id, as: .person))" == id)
    }

    /// Written down, since ids must not change from one version to the next.
    @Test func `is always the same, and another for another kind`() {
        #expect("\(Identifier(naming: "42", as: .person))" == "390zm4vnxcp33bro2ott8z6dnf")
        #expect("\(Identifier(naming: "42", as: .channel))" == "j0ufi0mzw7jl9fntlgk2n0tkum")
    }

    @Test func `differs for names that differ`() {
        let ids = Set((0..<10_000).map { Identifier(naming: "name \($0)", as: .person) })
        #expect(ids.count == 10_000)
    }
}
