import Testing
import Wire

@Suite struct `A TOML document` {
    @Test func `holds every kind of value`() {
        let root = read(
            """
            # comment
            text = "a\\tb\\u00e9\\U0001F989"
            literal = 'C:\\x'
            long = \"\"\"
            one \\
               two
            three\"\"\"\"\"
            raw = '''
            a\\b'''
            whole = +1_000
            hex = 0xDEAD_beef
            octal = 0o755
            binary = 0b1101
            float = -1_0.5e-1
            power = 1e6
            infinite = -inf
            yes = true
            no = false
            date = 2024-02-29
            moment = 2026-01-31 07:32:00.5+01:00
            time = 23:59:60
            list = [ 1, [ "a" ], # why
              { x = 1, y.z = 2 },
            ]
            """
        )
        #expect(root["text"]?.string == "a\tbé🦉")
        #expect(root["literal"]?.string == "C:\\x")
        #expect(root["long"]?.string == "one two\nthree\"\"")
        #expect(root["raw"]?.string == "a\\b")
        #expect(root["whole"]?.integer == 1_000)
        #expect(root["hex"]?.integer == 0xDEAD_BEEF)
        #expect(root["octal"]?.integer == 0o755)
        #expect(root["binary"]?.integer == 13)
        #expect(root["float"]?.float == -1.05)
        #expect(root["power"]?.float == 1_000_000)
        #expect(root["infinite"]?.float == -.infinity)
        #expect(root["yes"]?.boolean == true)
        #expect(root["no"]?.boolean == false)
        #expect(root["date"]?.dateTime == "2024-02-29")
        #expect(root["moment"]?.dateTime == "2026-01-31 07:32:00.5+01:00")
        #expect(root["time"]?.dateTime == "23:59:60")
        let list = root["list"]?.array
        #expect(list?.count == 3)
        #expect(list?[1].array?.first?.string == "a")
        #expect(list?[2].table?["y"]?.table?["z"]?.integer == 2)
    }

    @Test func `builds its tables from headers, dots and lists`() {
        let root = read(
            """
            a.b = 1
            [server]
            name = "x"
            "quoted key".'other' = 2
            [server.tls]
            on = true
            [[keys]]
            id = "k1"
            [keys.more]
            n = 1
            [[keys]]
            id = "k2"
            [late.child]
            [late]
            ok = true
            """
        )
        #expect(root["a"]?.table?["b"]?.integer == 1)
        let server = root["server"]?.table
        #expect(server?["quoted key"]?.table?["other"]?.integer == 2)
        #expect(server?["tls"]?.table?["on"]?.boolean == true)
        let keys = root["keys"]?.array
        #expect(keys?.map { $0.table?["id"]?.string } == ["k1", "k2"])
        #expect(keys?[0].table?["more"]?.table?["n"]?.integer == 1)
        #expect(keys?[1].table?["more"] == nil)
        #expect(root["late"]?.table?["ok"]?.boolean == true)
    }

    @Test func `knows the line and column of every key and value`() throws {
        let root = read("\n[a]\r\n  b =  [1,\n 2]\n")
        let table = try #require(root["a"]?.table)
        let entry = try #require(table.entries.first)
        #expect(entry.position == TOMLPosition(line: 3, column: 3))
        #expect(entry.value.position == TOMLPosition(line: 3, column: 8))
        #expect(entry.value.array?[1].position == TOMLPosition(line: 4, column: 2))
        #expect(root["a"]?.position == TOMLPosition(line: 2, column: 2))
    }

    @Test func `may begin with a byte-order mark and end without a line feed`() {
        #expect(read("\u{FEFF}a = 1")["a"]?.integer == 1)
    }

    static let refused: [(String, Int, Int, TOMLFault.Rule)] = [
        ("a = ", 1, 5, .missingValue),
        ("a", 1, 2, .missingEquals),
        ("= 1", 1, 1, .missingKey),
        ("a. = 1", 1, 4, .missingKey),
        ("a = info", 1, 5, .badValue),
        ("a = 01", 1, 5, .badNumber),
        ("a = 1__0", 1, 5, .badNumber),
        ("a = _1", 1, 5, .badValue),
        ("a = 1_", 1, 5, .badNumber),
        ("a = 1.", 1, 5, .badNumber),
        ("a = .5", 1, 5, .badNumber),
        ("a = 1.e5", 1, 5, .badNumber),
        ("a = +0x1", 1, 5, .badNumber),
        ("a = 0x", 1, 5, .badNumber),
        ("a = 0b2", 1, 5, .badNumber),
        ("a = 5s", 1, 5, .badNumber),
        ("a = 9223372036854775808", 1, 5, .numberOutOfRange),
        ("a = 1e999", 1, 5, .numberOutOfRange),
        ("a = 2026-02-29", 1, 5, .badDateTime),
        ("a = 2026-13-01", 1, 5, .badDateTime),
        ("a = 24:00:00", 1, 5, .badDateTime),
        ("a = 07:32", 1, 5, .badDateTime),
        ("a = \"x", 1, 5, .unclosedString),
        ("a = \"x\n", 1, 5, .unclosedString),
        ("a = '''x\n", 1, 5, .unclosedString),
        ("a = \"\\x\"", 1, 6, .badEscape),
        ("a = \"\\ud800\"", 1, 6, .badEscape),
        ("a = \"\u{1}\"", 1, 6, .controlCharacter),
        ("a = 1 # \u{1}", 1, 9, .controlCharacter),
        ("a = 1\rb = 2", 1, 6, .controlCharacter),
        ("a = [1 2]", 1, 8, .unclosedArray),
        ("a = [1,,2]", 1, 8, .unclosedArray),
        ("a = [1", 1, 7, .unclosedArray),
        ("a = {b = 1,}", 1, 12, .missingKey),
        ("a = {b = 1", 1, 11, .unclosedInlineTable),
        ("a = {b = 1\n", 1, 11, .unclosedInlineTable),
        ("[a", 1, 3, .unclosedHeader),
        ("[[a]", 1, 5, .unclosedHeader),
        ("[]", 1, 2, .missingKey),
        ("a = 1 b = 2", 1, 7, .trailingText),
        ("[a] b = 1", 1, 5, .trailingText),
        ("a = 1\na = 2", 2, 1, .duplicateKey("a")),
        ("[a]\n[a]", 2, 2, .duplicateTable("a")),
        ("a.b = 1\n[a]", 2, 2, .duplicateTable("a")),
        ("a = 1\n[a.b]", 2, 2, .notTable("a")),
        ("a = {}\n[a.b]", 2, 2, .notTable("a")),
        ("a = 1\na.b = 2", 2, 1, .notTable("a")),
        ("a = {b = 1, b = 2}", 1, 13, .duplicateKey("b")),
        ("a = []\n[[a]]", 2, 3, .notArrayOfTables("a")),
        ("[a]\n[[a]]", 2, 3, .notArrayOfTables("a")),
        ("[[a]]\n[a]", 2, 2, .notTable("a")),
        ("[a.b.c]\n[a]\nb.d = 1\n[a.b]", 4, 4, .duplicateTable("a.b")),
        ("[a.b.c]\nz = 9\n[a]\nb.c.t = 1", 4, 3, .notTable("c")),
    ]

    @Test(arguments: refused)
    func `names the place and the rule that a line breaks`(
        text: String,
        line: Int,
        column: Int,
        rule: TOMLFault.Rule
    ) {
        let fault = TOMLFault(position: TOMLPosition(line: line, column: column), rule: rule)
        #expect(faults(text) == [fault])
    }

    @Test func `shows all faults at once, and reads the lines between them`() {
        let document = TOMLDocument(
            parsing: Array(
                """
                a = info
                b = 2
                list = [
                  "x",
                  "y"
                c = 3
                [broken
                d = 4
                [fine]
                e = "unclosed
                f = 6
                """.utf8
            ).span
        )
        #expect(document.faults.map(\.position.line) == [1, 6, 7, 10])
        #expect(document.root["b"]?.integer == 2)
        #expect(document.root["c"]?.integer == 3)
        #expect(document.root["d"] == nil)
        #expect(document.root["fine"]?.table?["f"]?.integer == 6)
    }

    @Test func `says where it stops being UTF-8`() {
        let bytes = Array("a = 1\nb = \"".utf8) + [0xFF]
        let document = TOMLDocument(parsing: bytes.span)
        #expect(document.faults.map(\.description).first?.hasPrefix("line 2 column 6:") == true)
    }

    @Test func `is as large as its limits and no larger`() {
        #expect(faults("a = 1", TOMLLimits(bytes: 5)).isEmpty)
        #expect(faults("a = 12", TOMLLimits(bytes: 5)).map(\.rule) == [.tooManyBytes])
        #expect(faults("a.b = [[]]", TOMLLimits(depth: 4)).isEmpty)
        #expect(faults("a.b = [[[]]]", TOMLLimits(depth: 4)).map(\.rule) == [.tooDeep])
        #expect(faults("[a.b]\nc.d = 1", TOMLLimits(depth: 4)).isEmpty)
        #expect(faults("[a.b]\nc.d.e = 1", TOMLLimits(depth: 4)).map(\.rule) == [.tooDeep])
        #expect(faults("a = [1, 2]", TOMLLimits(elements: 3)).isEmpty)
        #expect(
            faults("a = [1, 2, 3]\n", TOMLLimits(elements: 3)).map(\.rule) == [.tooManyElements]
        )
        let limits = TOMLLimits(faults: 2)
        #expect(faults("x\ny\n", limits).count == 2)
        #expect(faults("x\ny\nz\nw\n", limits).map(\.rule).last == .tooManyFaults)
        #expect(faults("x\ny\nz\nw\n", limits).count == 3)
        // The third line breaks two rules.
        #expect(faults("[a]\nx\n[a] y\n[a] y", limits).count == 3)
    }

    @Test func `never repeats a value in a fault`() {
        for text in ["a = hunter2", "a = \"hunter2", "hunter2=hunter2 x", "[a]\nk = [hunter2"] {
            for fault in faults(text) { #expect(!fault.description.contains("hunter2")) }
        }
    }
}

private func read(_ text: String) -> TOMLTable {
    let document = TOMLDocument(parsing: Array(text.utf8).span)
    #expect(document.faults == [])
    return document.root
}

private func faults(_ text: String, _ limits: TOMLLimits = TOMLLimits()) -> [TOMLFault] {
    TOMLDocument(parsing: Array(text.utf8).span, limits: limits).faults
}
