import Basics
import Foundation
import Testing
import roost_drill

@Suite struct `The plan of a drill` {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../../cluster/drills").standardizedFileURL

    @Test func `is read from each file of cluster/drills`() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
        #expect(files.count >= 10)
        for file in files {
            let bytes = [UInt8](try Data(contentsOf: Self.folder.appending(path: file)))
            let plan = try DrillPlan(parsing: bytes.span, as: file)
            #expect(!plan.summary.isEmpty && !plan.nemeses.isEmpty)
        }
    }

    @Test func `says what is wrong with a file, all of it, and where`() {
        let text = """
            sumary = "x"
            length = 30
            [people]
            calls = 0
            [[nemesis]]
            blow = "tickle"
            """
        let bytes = [UInt8](text.utf8)
        let fault = #expect(throws: DrillPlanFault.self) {
            try DrillPlan(parsing: bytes.span, as: "bad")
        }
        let words = fault?.description ?? ""
        for part in [
            "line 1: sumary is not known", "line 2: length must be a time such as",
            "line 4: people.calls must be a number from 1 to 1000",
            "line 6: nemesis.blow must be one of kill, freeze, drain",
        ] {
            #expect(words.contains(part), "\(words)")
        }
    }

    @Test func `needs a nemesis`() {
        let bytes = [UInt8](#"summary = "peace""#.utf8)
        let fault = #expect(throws: DrillPlanFault.self) {
            try DrillPlan(parsing: bytes.span, as: "peace")
        }
        #expect(fault?.faults == ["there is no [[nemesis]]; a drill needs one"])
    }

    @Test func `draws each nemesis as often as its weight says, the same from the same seed`()
        throws
    {
        let text = """
            [[nemesis]]
            blow = "kill"
            weight = 3
            [[nemesis]]
            blow = "drain"
            """
        let bytes = [UInt8](text.utf8)
        let plan = try DrillPlan(parsing: bytes.span, as: "two")
        func draws() -> [Blow] {
            var random = SeededRandom(seed: 7)
            return (0..<400).map { _ in plan.draw(using: &random).blow }
        }
        #expect(draws() == draws())
        #expect(250...350 ~= draws().count { $0 == .kill })
    }
}
