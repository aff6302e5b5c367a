import Foundation
import Testing

extension `A node` {
    /// Short and small here; ROOST_LONG_TESTS=1 makes them as large as they are meant.
    @Suite struct `under attack` {
        static let isLong = ProcessInfo.processInfo.environment["ROOST_LONG_TESTS"] != nil

        /// The 99th percentile of good requests, each on a connection of its own.
        private func p99(_ node: RunningNode, of count: Int) throws -> Duration {
            var times: [Duration] = []
            for _ in 0..<count {
                let began = ContinuousClock.now
                #expect(try node.get("/healthz").status == 200)
                times.append(ContinuousClock.now - began)
            }
            times.sort()
            return times[min(count - 1, count * 99 / 100)]
        }

        @Test func `serves others while thousands send their heads slowly`() throws {
            let node = try RunningNode("[http]\nmax_connections_per_address = 1000\n")
            let quiet = try p99(node, of: 200)
            var slow: [Client] = []
            for index in 0..<(Self.isLong ? 5_000 : 600) {
                let client = try node.connect(from: "127.0.0.\(2 + index % 6)")
                try client.send("GET / HTTP/1.1\r\nHost: ")
                slow.append(client)
            }
            let crowded = try p99(node, of: 200)
            #expect(
                crowded < max(quiet * 2, .milliseconds(Self.isLong ? 50 : 100)),
                "p99 \(quiet) without, \(crowded) with \(slow.count) slow ones"
            )
            // Each is told that it took too long.
            #expect(try slow[0].readUntilEnd().hasPrefix("HTTP/1.1 408 "))
            slow = []
            #expect(eventually { (try? node.figure("roost_http_connections")) == 0 })
        }

        @Test func `turns away who has too many connections, and serves others`() throws {
            // The held ones must outlast the flood.
            let node = try RunningNode(
                "[http]\nmax_connections_per_address = 20\nhead_timeout = \"300s\"\n"
            )
            let held = try (0..<20).map { _ in try node.connect(from: "127.0.0.2") }
            #expect(eventually { (try? node.figure("roost_http_connections")) == 20 })
            let before = node.child.residentKiB
            let count = Self.isLong ? 100_000 : 2_000
            for index in 0..<count {
                let extra: Client
                do {
                    extra = try node.connect(from: "127.0.0.2")
                } catch let fault as Client.Fault where fault.description.hasSuffix(" 104") {
                    continue  // The reset was there before connect had returned.
                }
                if index % 100 == 0 {
                    // A reset may reach the client before it sends.
                    #expect(throws: (any Error).self) { try extra.get("/healthz") }
                    #expect(try node.get("/healthz").status == 200)
                }
            }
            #expect(Child.isSanitized || node.child.residentKiB - before < 10 << 10)
            let refused = #"roost_http_connections_refused_total{reason="address_full"}"#
            #expect(eventually { (try? node.figure(refused)) == Double(count) })
            #expect(try held[0].get("/healthz").status == 200)
        }

        @Test(.enabled(if: Program.prlimit.isThere))
        func `survives without a file descriptor, says so, and recovers`() throws {
            let node = try RunningNode(
                "[http]\nhead_timeout = \"60s\"\n",
                under: ["prlimit", "--nofile=64:64"]
            )
            var crowd: [Client] = []
            for _ in 0..<90 { crowd.append(try node.connect()) }
            #expect(node.logs("no file descriptor is left"))
            #expect(node.log.contains("LimitNOFILE"))
            crowd = []
            #expect(eventually { (try? node.get("/healthz").status) == 200 })
            let login = try node.logIn()
            #expect(login.answer.status == 200)
            #expect(try node.end() == 0)
        }

        @Test func `refuses floods of head and body with a sentence`() throws {
            let node = try RunningNode()
            let big = String(repeating: "x", count: 20_000)
            let head = try node.get("/healthz", ["X-Big: \(big)"])
            #expect(head.status == 431)
            #expect(!head.body.isEmpty)
            let many = (0..<100).map { "X-\($0): y" }
            #expect(try node.get("/healthz", many).status == 431)
            #expect(try node.get("/" + big).status >= 414)
            let body = try node.connect()
            try body.send(
                Client.head("POST", "/api/v4/users/login", ["Content-Length: 99999999999"])
            )
            #expect(try body.readResponse().status == 413)
            #expect(try node.get("/healthz").status == 200)
        }

        @Test(.enabled(if: mayMount, "a small file system may be mounted by root, if at all"))
        func `refuses logins while the disk is full, and takes them again after`() throws {
            let folder = try Folder()
            let disk = folder.path("disk")
            try FileManager.default.createDirectory(
                atPath: disk,
                withIntermediateDirectories: false
            )
            let mount = try Child(
                ["mount", "-t", "tmpfs", "-o", "size=1m", "roost-test", disk],
                as: "mount",
                in: folder
            )
            #expect(try mount.waitUntilEnd() == 0)
            defer {
                _ = try? Child(["umount", "-l", disk], as: "umount", in: folder).waitUntilEnd()
            }
            let node = try RunningNode("[store]\npath = \"disk/roost.db\"\n", in: folder)
            let early = try node.logIn()
            #expect(early.answer.status == 200)
            _ = try Child(["sh", "-c", "cat /dev/zero > disk/ballast"], as: "fill", in: folder)
                .waitUntilEnd()
            var answers: [Client.Response] = []
            for number in 0..<40 { answers.append(try node.logIn("name\(number)").answer) }
            let refused = try #require(answers.last { $0.status == 503 })
            #expect(refused.text.contains("could not be stored"))
            #expect(node.logs("a login could not be stored"))
            #expect(try node.get("/healthz").status == 200)
            #expect(try node.get("/api/v4/users/me", early.bearer).status == 200)
            try FileManager.default.removeItem(atPath: folder.path("disk/ballast"))
            #expect(try eventually { try node.logIn("later").answer.status == 200 })
            #expect(try node.end() == 0)
        }
    }
}

/// Whether a file system can be mounted here: a container may forbid it even to root.
private let mayMount: Bool = {
    guard geteuid() == 0 else { return false }
    let place = FileManager.default.temporaryDirectory.appending(path: "roost-\(UUID())").path
    do {
        try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
        defer { _ = unsafe rmdir(place) }
        guard try run("mount", "-t", "tmpfs", "-o", "size=100k", "roost-test", place) == 0 else {
            return false
        }
        return try run("umount", place) == 0
    } catch {
        return false
    }
}()

private func run(_ arguments: String...) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
}
