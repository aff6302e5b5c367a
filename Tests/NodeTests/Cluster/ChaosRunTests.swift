import Foundation
import Testing

extension `A node` {
    /// A short drill, as `make chaos` plays longer ones.
    @Suite(.enabled(if: SlowTests.canRun && ChaosTool.isThere)) struct `in a drill` {
        @Test func `is killed with people in its calls, and they lose nothing`() throws {
            let folder = try Folder()
            let child = try Child(
                [
                    ChaosTool.path, "chaos", "--drill", ChaosTool.drill("kill-host"), "--minutes",
                    "0.25", "--seed", "1", "--report", folder.path("report"),
                ],
                as: "drill",
                in: folder
            )
            let code = try child.waitUntilEnd(.seconds(120))
            #expect(code == 0, "\(child.output)\n\(child.complaints)")
            #expect(child.output.contains("figure chaos_kill_host_violations 0 violations <=0 ok"))
            #expect(folder.text("report/history.jsonl").contains(#""blow":"kill""#))
        }

        @Test func `has all calls, gives them to those with fewer, and nobody misses a word`()
            throws
        {
            let folder = try Folder()
            let child = try Child(
                [
                    ChaosTool.path, "chaos", "--drill", ChaosTool.drill("rebalance"), "--minutes",
                    "0.25", "--seed", "1", "--report", folder.path("report"),
                ],
                as: "drill",
                in: folder
            )
            let code = try child.waitUntilEnd(.seconds(240))
            // How long nobody was heard for it is the machine's affair here, where others work.
            let isVoid = code == 3 && child.output.contains("the machine was too busy")
            let figure = "figure chaos_rebalance_violations 0 violations <=0 ok"
            #expect(
                child.output.contains(figure) || isVoid,
                "\(child.output)\n\(child.complaints)"
            )
            #expect(folder.text("report/history.jsonl").contains(#""blow":"crowd""#))
            let logs = (1...3).map { folder.text("report/node-\($0)-1.log") }
            #expect(logs.contains { $0.contains("a call has moved to a node with fewer people") })
        }

        /// Each machine in a network of its own, which takes root.
        @Test(
            .enabled(if: ChaosTool.mayPartMachines),
            arguments: ["cut-redis", "isolate-host", "redis-failover"]
        )
        func `is cut off, or its Redis fails over, and nobody has to come again by hand`(
            drill: String
        )
            throws
        {
            let folder = try Folder()
            let child = try Child(
                [
                    ChaosTool.path, "chaos", "--drill", ChaosTool.drill(drill), "--minutes", "0.25",
                    "--seed", "1", "--report", folder.path("report"),
                ],
                as: "drill",
                in: folder
            )
            let code = try child.waitUntilEnd(.seconds(180))
            // Where other tests take the machine away, nothing is known.
            let isVoid = code == 3 && child.output.contains("the machine was too busy")
            #expect(code == 0 || isVoid, "\(child.output)\n\(child.complaints)")
            #expect(folder.text("report/report.html").contains("class='blow'"))
        }

        @Test func `is not drilled by a file that is none`() throws {
            let folder = try Folder()
            try folder.write("bad.toml", "lenght = \"3s\"\n")
            for (words, remedy) in [
                (["--drill", folder.path("bad.toml")], "line 1: lenght is not known"),
                (["--drill", folder.path("none.toml")], "there is no drill to be played"),
                (["--nodes", "1"], "--nodes needs a number from 2 to 9"),
            ] {
                let child = try Child([ChaosTool.path, "chaos"] + words, as: "bad", in: folder)
                #expect(try child.waitUntilEnd() == 2)
                #expect(child.complaints.contains(remedy), "\(child.complaints)")
            }
        }
    }
}

private enum ChaosTool {
    static let path =
        URL(filePath: RunningNode.binary).deletingLastPathComponent().path
        + "/roost-drill"
    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: path) }

    static var mayPartMachines: Bool {
        geteuid() == 0 && FileManager.default.isWritableFile(atPath: "/dev/net/tun")
    }

    static func drill(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../cluster/drills/\(name).toml").standardizedFileURL.path
    }
}
