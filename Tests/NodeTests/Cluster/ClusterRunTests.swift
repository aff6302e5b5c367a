import Foundation
import Glibc
import Testing

extension `A node` {
    /// One at a time: each looks for ports that nobody has.
    @Suite(.serialized) struct `among others by cluster/run` {
        private static let script = URL(filePath: #filePath)
            .deletingLastPathComponent().appending(path: "../../../cluster/run")
            .standardizedFileURL.path

        /// The numbers of all that it has started.
        private func processes(in folder: Folder) throws -> [String: pid_t] {
            let names = ["redis", "node-1", "node-2", "haproxy"]
            var all: [String: pid_t] = [:]
            for name in names {
                let line = folder.text("data/\(name).pid").split(separator: "\n").first ?? ""
                let number: pid_t = try #require(pid_t(line), "\(name)")
                all[name] = number
            }
            return all
        }

        /// Those of them that still run. One that has ended may be left as a name without a process
        /// where nobody asks how it ended.
        private func running(_ processes: [String: pid_t]) -> [String] {
            processes.keys.filter { name in
                let path = "/proc/\(processes[name] ?? 0)/stat"
                let words = FileManager.default.contents(atPath: path) ?? Data()
                let state = String(decoding: words, as: UTF8.self).split(separator: ") ").last
                return state.map { !$0.hasPrefix("Z") } ?? false
            }
        }

        private func start(_ folder: Folder, _ port: UInt16) throws -> Child {
            let child = try Child(
                [Self.script, "2"],
                as: "cluster",
                in: folder,
                environment: [
                    "ROOST": RunningNode.binary, "DATA": folder.path("data"), "PORT": "\(port)",
                ]
            )
            let isThere = eventually(within: .seconds(20)) {
                child.exitCode != nil || child.complaints.contains("open http://localhost:\(port)")
            }
            guard isThere, child.exitCode == nil else {
                throw Child.Fault(description: child.complaints)
            }
            return child
        }

        @Test(.enabled(if: Program.haproxy.isThere && Program.redis.isThere))
        func `is found at one address, whichever of them dies, and leaves nothing behind`() throws {
            let folder = try Folder()
            let port = try Proxy.freePort()
            let child = try start(folder, port)
            let all = try processes(in: folder)
            #expect(running(all).count == 4)
            #expect(try Client(port: port).get("/readyz").status == 200)
            kill(try #require(all["node-1"]), SIGKILL)
            for _ in 0..<20 { #expect(try Client(port: port).get("/readyz").status == 200) }
            #expect(eventually { child.complaints.contains("node-1   has ended") })
            child.signal(SIGINT)
            #expect(try child.waitUntilEnd() == 130)
            #expect(eventually { running(all).isEmpty }, "\(running(all))")
            #expect(child.complaints.contains("Redis is now ready to exit"))
            #expect(folder.text("data/secret").utf8.count == 65)
        }

        @Test(.enabled(if: Program.haproxy.isThere && Program.redis.isThere))
        func `leaves nothing behind even if whoever started them is killed`() throws {
            let folder = try Folder()
            let child = try start(folder, try Proxy.freePort())
            let all = try processes(in: folder)
            #expect(running(all).count == 4)
            child.signal(SIGKILL)
            _ = try child.waitUntilEnd()
            #expect(eventually { running(all).isEmpty }, "\(running(all))")
            // Whoever writes down their ends is the last to go, and would write into a folder that is gone.
            let last = eventually {
                child.complaints.components(separatedBy: "has ended; the others").count == 5
            }
            #expect(last, "\(child.complaints)")
        }

        @Test func `says what to do when it can't begin`() throws {
            let folder = try Folder()
            let node = try RunningNode(in: folder)
            for (words, environment, remedy) in [
                (["x"], [:], "x is no number of nodes; say cluster/run 3"),
                (["3"], ["ROOST": "/missing"], "there is no /missing; make build makes it"),
                (
                    ["3"], ["ROOST": RunningNode.binary, "PORT": "\(node.port)"],
                    "another process has port \(node.port); stop it"
                ),
            ] as [([String], [String: String], String)] {
                let child = try Child(
                    [Self.script] + words,
                    as: "refused-\(remedy.prefix(9))",
                    in: folder,
                    environment: environment.merging(["DATA": folder.path("data")]) { $1 }
                )
                #expect(try child.waitUntilEnd() == 1)
                #expect(child.complaints.contains(remedy), "\(child.complaints)")
            }
        }
    }
}
