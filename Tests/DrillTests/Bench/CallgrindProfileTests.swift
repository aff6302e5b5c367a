import Testing
import roost_drill

@Suite struct `A profile of callgrind` {
    private static let text = """
        # callgrind format
        version: 1
        creator: callgrind-3.19.0
        positions: line
        events: Ir
        summary: 474

        ob=/usr/bin/roost-drill
        fl=???
        fn=pass
        0 100
        cob=/usr/lib/libc.so.6
        cfi=???
        cfn=malloc
        calls=3 0
        0 310
        0 40

        ob=/usr/lib/libc.so.6
        fl=???
        fn=malloc
        0 310

        ob=/usr/bin/roost-drill
        fn=pass
        0 20
        0
        +3 4

        totals: 474
        """

    @Test func `counts each function's own instructions, and a callee's once`() throws {
        let profile = try #require(CallgrindProfile(Self.text))
        #expect(profile.functions.map(\.name) == ["pass", "malloc"])
        #expect(profile.functions.map(\.instructions) == [164, 310])
        #expect(profile.instructions == 474)
        #expect(profile.instructions { $0.object.hasSuffix("libc.so.6") } == 310)
    }

    @Test func `is nothing else`() {
        #expect(CallgrindProfile("") == nil)
        #expect(CallgrindProfile("Callgrind, a call-graph generating cache profiler") == nil)
        #expect(CallgrindProfile(Self.text.replacing("0 310", with: "0 many")) == nil)
    }
}
