import Basics
import Testing
import roost_drill

@Suite struct `The page of a drill` {
    private static func page(_ story: Story, _ word: String, doubt: String? = nil) -> String {
        let facts = ChaosPage.Facts(
            drill: "kill-host",
            summary: "a <hosting> node is killed",
            seed: 7,
            nodes: 3,
            word: word,
            doubt: doubt,
            versions: ["roost 1", "redis 2"],
            start: Instant(nanoseconds: 0)
        )
        let verdict = DrillVerdict(story.history, bounds: Story.bounds)
        let short = Figure(name: "back_p95", value: 9, unit: "ms", limit: .atMost(1))
        return ChaosPage(facts, story.history, verdict, [short]).html
    }

    private static func count(_ part: String, in page: String) -> Int {
        page.ranges(of: part).count
    }

    @Test func `shows each blow once, from when it was struck until it was mended`() {
        var story = Story.begun
        story.tell(.struck(.kill, node: 0, channels: ["nest"]))
        story.wait(.seconds(2))
        story.tell(.mended(.kill, node: 0))
        story.tell(.struck(.redisFailover, node: nil, channels: []))
        let page = Self.page(story, "passed")
        #expect(Self.count("class='blow'", in: page) == 2)
        #expect(page.contains("<title>kill, 2.001 s</title>"))
        #expect(page.contains("<td>node-1</td><td>1 calls must move</td>"))
        #expect(page.contains("<td>redis-failover</td><td>Redis</td>"))
    }

    @Test func `says of each rule whether it holds, and marks where one was broken`() {
        var story = Story.begun
        story.miss(1)
        story.hear(1, "user_reacted", session: "a1")
        story.end()
        let page = Self.page(story, "FAILED")
        #expect(Self.count("class='violation'", in: page) == 1)
        #expect(Self.count("<td class=short>violated", in: page) == 1)
        #expect(Self.count("<td class=fine>holds", in: page) == Violation.Rule.allCases.count - 1)
        #expect(page.contains("<span class=\"short\">FAILED</span>"))
    }

    @Test func `has how to play it again, what ran, and each figure that is short`() {
        let page = Self.page(Story.begun, "void", doubt: "nobody & nothing")
        #expect(page.contains("make chaos DRILL=kill-host SEED=7"))
        #expect(page.contains("roost 1 · redis 2"))
        #expect(page.contains("<tr class=short><td>back_p95</td>"))
        #expect(page.contains("Void: nobody &amp; nothing"))
        #expect(page.contains("a &lt;hosting&gt; node is killed"))
    }

    @Test func `needs nothing from anywhere else`() {
        let page = Self.page(Story.begun, "passed")
        for word in ["http://", "https://", "src=", "href=", "@import", "url("] {
            #expect(!page.contains(word), "\(word)")
        }
    }

    @Test func `counts every wait in one bar`() {
        var story = Story.begun
        for _ in 0..<5 { story.ask(0, .raise) }
        let page = Self.page(story, "passed")
        #expect(page.contains("over the whole run: 7 times, p50 1 ms"))
    }
}
