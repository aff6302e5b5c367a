import Foundation
import Testing

extension `A node` {
    /// Short loads, as operators play longer ones.
    @Suite(.enabled(if: LoadTool.isThere)) struct `under a load` {
        @Test func `passes on what people send, and is measured`() throws {
            let folder = try Folder()
            let child = try Child(
                [
                    LoadTool.path, "load", "--per-call", "4", "--unmuted", "2", "--screens", "1",
                    "--hands", "60", "--reactions", "60", "--ramp", "1s", "--duration", "3s",
                    "--opens-every", "1", "--json", folder.path("load.json"), "--html",
                    folder.path("load.html"),
                ],
                as: "load",
                in: folder
            )
            _ = try child.waitUntilEnd(.seconds(90))
            let said = "\(child.output)\n\(child.complaints)"
            for name in ["people 4 people >=4 ok", "failures 0 failures <=0 ok"] {
                #expect(child.output.contains("figure load_\(name)"), "\(said)")
            }
            for name in ["event_p99", "picture_delay_p99", "sound_delay_p999", "server_packet_out"]
            {
                #expect(child.output.contains("figure load_\(name) "), "\(said)")
            }
            // Two voices to three others each, and a screen to three: half of it, however busy the machine is.
            let packets = child.output.firstMatch(of: /figure load_packets (\d+)/)?.1
            #expect(packets.flatMap { Int($0) } ?? 0 > (2 * 50 * 3 + 120 * 3) / 2, "\(said)")
            let json = try JSONSerialization.jsonObject(
                with: Data(folder.text("load.json").utf8)
            )
            #expect(((json as? [String: Any])?["failures"] as? [Any])?.isEmpty == true)
            #expect(folder.text("load.html").contains("<polyline"))
        }

        @Test func `holds people through losses, and changes of place and network`() throws {
            let folder = try Folder()
            let plan = """
                per_call = 4
                screens = 1
                loss = 2
                mutes = 20
                rejoins = 10
                moves = 15
                ramp = "1s"
                settle = "1s"
                duration = "8s"
                """
            try folder.write("plan.toml", plan)
            let child = try Child(
                [LoadTool.path, "load", "--plan", folder.path("plan.toml")],
                as: "load",
                in: folder
            )
            _ = try child.waitUntilEnd(.seconds(90))
            let said = "\(child.output)\n\(child.complaints)"
            #expect(child.output.contains("figure load_failures 0 failures <=0 ok"), "\(said)")
            let again = child.output.firstMatch(of: /came again, moved +(\d+), (\d+)/)
            #expect(again.flatMap { Int($0.1) } ?? 0 > 0, "\(said)")
            #expect(again.flatMap { Int($0.2) } ?? 0 > 0, "\(said)")
            let repaired = child.output.firstMatch(of: /came again (\d+)/)?.1
            #expect(repaired.flatMap { Int($0) } ?? 0 > 0, "\(said)")
        }

        /// More people than stay together, and the threads that have them hear and show all.
        @Test func `carries one call over all its media threads`() throws {
            let node = try RunningNode("[media]\nthreads = 3\nspread_from = 8\n")
            let plan = """
                per_call = 32
                unmuted = 5
                screens = 1
                voice_rate = 20
                screen_bitrate = 200000
                loss = 1
                rejoins = 4
                moves = 4
                ramp = "4s"
                settle = "1s"
                duration = "8s"
                """
            try node.folder.write("plan.toml", plan)
            let child = try Child(
                [
                    LoadTool.path, "load", "--plan", node.folder.path("plan.toml"), "--target",
                    "127.0.0.1:\(node.port)", "--pid", "\(node.child.process)",
                ],
                as: "load",
                in: node.folder
            )
            _ = try child.waitUntilEnd(.seconds(120))
            let said = "\(child.output)\n\(child.complaints)"
            // Some of them may be on their way back just now.
            #expect(child.output.contains("figure load_failures 0 failures <=0 ok"), "\(said)")
            // Two other threads have viewers of the screen's packets, some twenty a second.
            #expect(try node.figure("roost_media_packets_mirrored_total") > 300, "\(said)")
            #expect(try node.figure("roost_media_packets_mirrored_dropped_total") == 0)
            let isOver = try eventually {
                try node.figure("roost_media_peers") == 0
            }
            #expect(isOver, "nobody is left on any thread")
        }

        @Test func `is not loaded by words that are none, nor where nobody expects it`() throws {
            let folder = try Folder()
            for (words, remedy) in [
                (["--people", "3"], "there is no such option"),
                (["--calls", "0"], "calls must be a number from 1 to 10000"),
                (["--plan", folder.path("none.toml")], "there is no plan to be played"),
                (["--target", "192.0.2.1:8065"], "say --allow-remote"),
                (["--target", "https://127.0.0.1:8065"], "has no TLS"),
            ] {
                let child = try Child([LoadTool.path, "load"] + words, as: "bad", in: folder)
                #expect(try child.waitUntilEnd() == 2)
                #expect(child.complaints.contains(remedy), "\(child.complaints)")
            }
        }
    }
}

private enum LoadTool {
    static let path =
        URL(filePath: RunningNode.binary).deletingLastPathComponent().path + "/roost-drill"
    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: path) }
}
