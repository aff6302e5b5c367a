import Basics
import Cluster
import Foundation
import IO
import Store
import Synchronization

/// A redis-server for the length of a test, on a port that was free a moment ago, and stores in it.
final class StoreServer: Sendable {
    let port: UInt16
    private let folder: String
    private let settings: [String]
    private let process = Mutex<Process?>(nil)
    let loop: Loop
    let resolver: NameResolver

    init(_ settings: String...) throws {
        loop = try Loop()
        resolver = try NameResolver(threads: 1)
        let (descriptor, address) = try Socket.listen(on: SocketAddress(ip: .loopback, port: 0))
        close(descriptor)
        port = address.port
        folder = NSTemporaryDirectory() + "store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        self.settings = settings.flatMap { $0.split(separator: " ").map(String.init) }
        try start()
    }

    deinit {
        kill()
        loop.stop()
        _ = Result { try FileManager.default.removeItem(atPath: folder) }
    }

    func start() throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/redis-server")
        process.arguments =
            ["--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--dir", folder] + settings
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        self.process.withLock { $0 = process }
        let address = SocketAddress(ip: .loopback, port: port)
        for _ in 0..<1_000 where process.isRunning {
            if let descriptor = try? Socket.connect(to: address) {
                defer { close(descriptor) }
                usleep(2_000)
                if Socket.settled(descriptor) == nil { return }
            }
            usleep(5_000)
        }
        throw CocoaError(.fileReadUnknown)
    }

    /// At once; what it had not yet written down is lost.
    func kill() {
        process.withLock { process in
            guard let running = process, running.isRunning else { return }
            _ = Foundation.kill(running.processIdentifier, SIGKILL)
            running.waitUntilExit()
            process = nil
        }
    }

    /// A store over a connection of its own.
    func store(
        cluster: String = "test",
        user: String = "",
        patience: Duration = .seconds(5),
        limit: Int = 4_096,
        metrics: StoreMetrics? = nil
    ) throws -> RedisStore {
        var rules = RedisRules()
        rules.answerTimeout = .seconds(1)
        let client = RedisClient(
            try RedisPlace("redis://\(user)127.0.0.1:\(port)"),
            loop: loop,
            resolver: resolver,
            rules: rules
        )
        return RedisStore(
            client,
            cluster: cluster,
            metrics: metrics,
            patience: patience,
            limit: limit
        )
    }

    /// Asks Redis itself.
    @discardableResult
    func ask(_ words: String...) async throws -> RedisValue {
        let client = RedisClient(
            try RedisPlace("redis://127.0.0.1:\(port)"),
            loop: loop,
            resolver: resolver
        )
        let answer = try await client.ask(
            RedisCommand(words[0], Array(words.dropFirst())),
            timeout: .seconds(5)
        )
        await client.close()
        return answer
    }

    /// What INFO says of the memory.
    func usedBytes() async throws -> Int {
        let text = try await ask("INFO", "memory").text ?? ""
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix("used_memory:") }
        return line.flatMap { Int($0.dropFirst("used_memory:".count)) } ?? 0
    }
}
