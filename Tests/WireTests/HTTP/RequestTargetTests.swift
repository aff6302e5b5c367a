import Testing
import Wire

@Suite struct `A request's target` {
    @Test(
        arguments: [
            ("/", [], false),
            ("/a", ["a"], false),
            ("/a/", ["a"], true),
            ("/api/v1/calls", ["api", "v1", "calls"], false),
            ("/caf%C3%A9/%20x", ["caf\u{E9}", " x"], false),
            ("/%61+b", ["a+b"], false),
            ("/...", ["..."], false),
            ("/a%3fb%23", ["a?b#"], false),
            ("/.well-known", [".well-known"], false),
        ] as [(String, [String], Bool)]
    )
    func `is decoded name by name`(path: String, segments: [String], slash: Bool) throws {
        let target = try RequestTarget(path: path.utf8.span)
        #expect(target.segments == segments)
        #expect(target.hasTrailingSlash == slash)
    }

    @Test(
        arguments: [
            ("", .noSlash, 0),
            ("*", .noSlash, 0),
            ("//", .emptySegment, 1),
            ("/a//b", .emptySegment, 3),
            ("/.", .dotSegment, 1),
            ("/a/../b", .dotSegment, 3),
            ("/a/%2e%2E/b", .dotSegment, 3),
            ("/a/.%2e", .dotSegment, 3),
            ("/a%2Fb", .hiddenSlash, 2),
            ("/a%5cb", .hiddenSlash, 2),
            ("/a\\b", .hiddenSlash, 2),
            ("/a%00", .control, 2),
            ("/%0d%0a", .control, 1),
            ("/%7f", .control, 1),
            ("/%", .escape, 1),
            ("/%4", .escape, 1),
            ("/%4/1", .escape, 1),
            ("/%zz", .escape, 1),
            ("/%u0041", .escape, 1),
            ("/a/%ff", .encoding, 3),
            ("/%c0%ae", .encoding, 1),
            ("/%ed%a0%80", .encoding, 1),
        ] as [(String, RequestTarget.Fault.Rule, Int)]
    )
    func `is refused where two readers could see two places`(
        path: String,
        rule: RequestTarget.Fault.Rule,
        offset: Int
    ) {
        #expect(throws: RequestTarget.Fault(rule, at: offset)) {
            try RequestTarget(path: path.utf8.span)
        }
    }
}

@Suite struct `A target's parameters` {
    private func pairs(_ query: String) -> [String] {
        QueryParameters(Array(query.utf8)[...]).map { "\($0.name)→\($0.value)" }
    }

    @Test(
        arguments: [
            ("", []),
            ("a=1&b=2", ["a→1", "b→2"]),
            ("a", ["a→"]),
            ("=1", ["→1"]),
            ("a==1", ["a→=1"]),
            ("&&a=1&", ["a→1"]),
            ("two+words=%2B%26%3D", ["two words→+&="]),
            ("a=%", ["a→%"]),
            ("a=%4", ["a→%4"]),
            ("a=%zz%41", ["a→%zzA"]),
            ("a=%ff", ["a→\u{FFFD}"]),
        ] as [(String, [String])]
    )
    func `are decoded as in forms, whatever the bytes`(query: String, expected: [String]) {
        #expect(pairs(query) == expected)
    }

    @Test func `are found by name, the first of several`() {
        let parameters = QueryParameters(Array("a=1&b=2&a=3".utf8)[...])
        #expect(parameters.first("a") == "1")
        #expect(parameters.first("c") == nil)
    }
}
