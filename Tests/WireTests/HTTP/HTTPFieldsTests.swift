import Testing
import Wire

@Suite struct `The fields of a head` {
    private var fields: HTTPFields {
        var fields = HTTPFields()
        fields.append("Host", "roost")
        fields.append("connection", "Keep-Alive ,\t Upgrade")
        fields.append("X-Empty", "")
        fields.append("Connection", "close")
        return fields
    }

    @Test func `are found in any case`() {
        #expect(fields.string("host") == "roost")
        #expect(fields.string("x-empty") == "")
        #expect(fields.string("hos") == nil)
        #expect(fields.first("host", is: "roost"))
        #expect(!fields.first("host", is: "roos"))
        #expect(fields.contains("connection"))
    }

    @Test func `keep their order, and all of one name`() {
        #expect(fields.all("connection").map(text) == ["Keep-Alive ,\t Upgrade", "close"])
        #expect(
            (0..<fields.count).map { text(fields[$0].name) } == [
                "Host", "connection", "X-Empty", "Connection",
            ]
        )
    }

    @Test(
        arguments: [
            ("upgrade", true), ("keep-alive", true), ("close", true), ("up", false), ("e", false),
        ] as [(String, Bool)]
    )
    func `make one list together`(token: String, isMember: Bool) {
        let tokens: [String: StaticString] = [
            "upgrade": "upgrade", "keep-alive": "keep-alive", "close": "close", "up": "up",
            "e": "e",
        ]
        #expect(tokens[token].map { fields.hasToken($0, in: "connection") } == isMember)
    }

    @Test func `cannot be made to hold a line end`() {
        var fields = HTTPFields()
        fields.append("location", "/\r\nset-cookie: a=b\0\u{7F}\tend")
        #expect(fields.string("location") == "/  set-cookie: a=b  \tend")
    }

    @Test func `tell marks apart that differ only in the bit of letter case`() {
        var fields = HTTPFields()
        fields.append("a^", "1")
        #expect(fields.first("a~") == nil)
        #expect(fields.string("a^") == "1")
    }
}
