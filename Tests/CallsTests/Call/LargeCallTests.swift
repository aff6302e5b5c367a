import Basics
import Calls
import Testing

@Suite struct `A call of a thousand` {
    private func stage(of count: Int) -> CallStage {
        var stage = CallStage()
        for number in 0..<count { stage.join("p\(number)x") }
        return stage
    }

    @Test func `takes them in one by one, and each is told of all`() throws {
        let stage = stage(of: 1_000)
        #expect(stage.call.participants.count == 1_000)
        guard case .callState(_, let picture)? = stage.answers.events.last else {
            Issue.record("the last to come is not told how the call stands")
            return
        }
        #expect(picture.participants.count == 1_000)
    }

    @Test func `hears of a word once, as an audience`() {
        var stage = stage(of: 1_000)
        #expect(stage.say("p500x", .unmute).count == 2)
        #expect(stage.order("p0x", .mute(named("p500x1"))).count == 4)
    }

    @Test func `ends without telling each about each`() {
        var stage = stage(of: 1_000)
        let answers = stage.order("p0x", .endForAll)
        #expect(answers.events == [.callEnd(channel)])
        #expect(answers.memories.count == 1_001)
    }
}
