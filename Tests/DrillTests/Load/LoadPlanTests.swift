import Testing
import roost_drill

@Suite struct `The plan of a load` {
    @Test func `is read from a file, and words of a command line win`() throws {
        var plan = LoadPlan()
        let text = """
            calls = 20
            per_call = 10
            unmuted = 2
            ramp = "4s"
            loss = 2.5
            set = ["media.loudest=0"]
            """
        try plan.read([UInt8](text.utf8).span, named: "a file")
        #expect(try plan.take("--per-call", "8"))
        #expect(try plan.take("--simulcast", nil))
        #expect(try plan.take("--set", "media.threads=2"))
        #expect(plan.calls == 20)
        #expect(plan.people == 160)
        #expect(plan.ramp == .seconds(4))
        #expect(plan.loss == 2.5)
        #expect(plan.simulcast)
        #expect(plan.settings == ["media.loudest=0", "media.threads=2"])
    }

    @Test func `says what is wrong with an option, and what would be right`() {
        var plan = LoadPlan()
        let many = #expect(throws: LoadPlanFault.self) { _ = try plan.take("--calls", "many") }
        #expect(many?.description.contains("\"many\" is no value") == true)
        let none = #expect(throws: LoadPlanFault.self) { _ = try plan.take("--calls", "0") }
        #expect(none?.description.contains("calls must be a number from 1 to 10000") == true)
        let time = #expect(throws: LoadPlanFault.self) { _ = try plan.take("--ramp", "soon") }
        #expect(time?.description.contains("\"4s\"") == true)
        #expect(throws: Never.self) {
            let isKnown = try plan.take("--people", "3")
            #expect(!isKnown)
        }
    }

    @Test func `refuses more people than one tool can speak for`() {
        var plan = LoadPlan()
        let fault = #expect(throws: LoadPlanFault.self) {
            try plan.read([UInt8]("calls = 201\nper_call = 100".utf8).span, named: "a file")
        }
        #expect(fault?.description.contains("20000 at most") == true)
    }

    @Test func `gives the first of each call what they send`() {
        var plan = LoadPlan()
        (plan.calls, plan.perCall, plan.unmuted, plan.screens, plan.cameras) = (2, 4, 2, 1, 3)
        #expect(plan.tracks(call: 0, place: 0).map(\.kind) == [.voice, .screen, .camera])
        #expect(plan.tracks(call: 1, place: 0).map(\.kind) == [.voice, .camera])
        #expect(plan.tracks(call: 0, place: 2).map(\.kind) == [.camera])
        #expect(plan.tracks(call: 0, place: 3).isEmpty)
    }

    @Test(arguments: [
        ("127.0.0.1:8065", true), ("http://localhost:8065/", true), ("192.0.2.1:8065", false),
        ("https://127.0.0.1:8065", false), ("127.0.0.1", false), ("owl", false),
    ])
    func `goes nowhere but to this machine, unless told`(target: String, isTaken: Bool) {
        let address = try? LoadServer.address(target, allowsRemote: false)
        #expect((address != nil) == isTaken)
    }

    @Test func `goes elsewhere if told`() {
        #expect((try? LoadServer.address("192.0.2.1:8065", allowsRemote: true)) != nil)
    }
}
