import Basics
import Crypto
import Foundation
import IO
import Synchronization
import Testing

/// Suites that run servers. One test at a time: what is waited for in them is counted in milliseconds,
/// and thirty servers that start at once would be late.
@Suite(.serialized) struct `Beside Redis` {}

/// A redis-server that runs for the length of a test, on a port that was free a moment ago.
final class RedisProcess: Sendable {
    private struct State: ~Copyable {
        var process: Process?
    }

    let port: UInt16
    let folder: String
    private let arguments: [String]
    private let state = Mutex(State())

    /// Settings as on its command line: `--maxmemory 1mb`.
    init(_ settings: String..., port: UInt16? = nil, isStarted: Bool = true) async throws {
        self.port = try port ?? freePort()
        folder = NSTemporaryDirectory() + "redis-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        var arguments = ["--port", "\(self.port)", "--bind", "127.0.0.1", "--save", ""]
        arguments += ["--dir", folder, "--enable-debug-command", "yes", "--appendonly", "no"]
        for word in settings.flatMap({ $0.split(separator: " ") }) {
            let word = word.replacing("FOLDER", with: folder)
            arguments.append(word == "PORT" ? "\(self.port)" : String(word))
        }
        // A sentinel has all it needs in a file of its own, which must come first.
        let file = arguments.first { $0.hasSuffix(".conf") }
        self.arguments = file.map { [$0, "--sentinel"] } ?? arguments
        if isStarted { try await start() }
    }

    deinit {
        kill()
        _ = Result { try FileManager.default.removeItem(atPath: folder) }
    }

    func start() async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/redis-server")
        process.arguments = arguments
        let log = folder + "/log"
        try Data().write(to: URL(filePath: log))
        process.standardOutput = FileHandle(forWritingAtPath: log)
        process.standardError = process.standardOutput
        try process.run()
        state.withLock { $0.process = process }
        for _ in 0..<400 {
            guard process.isRunning else { break }
            if accepts(port) { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw NotReady(words: try String(contentsOfFile: log, encoding: .utf8))
    }

    func signal(_ number: Int32) {
        state.withLock { state in
            guard let process = state.process, process.isRunning else { return }
            _ = Foundation.kill(process.processIdentifier, number)
        }
    }

    /// At once, and for good until it is started again.
    func kill() {
        signal(SIGKILL)
        state.withLock { $0.process?.waitUntilExit() }
    }

    struct NotReady: Error {
        var words: String
    }
}

/// A port of 127.0.0.1 that nobody had a moment ago. None that the kernel gives to those who connect: it may have done so by
/// the time a server wants it.
func freePort() throws -> UInt16 {
    for _ in 0..<100 {
        let own = SocketAddress(ip: .loopback, port: UInt16.random(in: 20_000..<32_768))
        // Taken; try another.
        guard let (descriptor, _) = try? Socket.listen(on: own) else { continue }
        close(descriptor)
        return own.port
    }
    throw RedisProcess.NotReady(words: "a hundred ports are taken")
}

private func accepts(_ port: UInt16) -> Bool {
    guard let descriptor = try? Socket.connect(to: SocketAddress(ip: .loopback, port: port)) else {
        return false
    }
    defer { close(descriptor) }
    usleep(2_000)
    return Socket.settled(descriptor) == nil
}

/// A client, and a subscriber if it is asked for, on a loop of their own.
final class RedisClientUnderTest: Sendable {
    let loop: Loop
    let client: RedisClient
    let resolver: NameResolver
    private let news = Mutex<[RedisClientNews]>([])

    init(
        _ url: String,
        tls: TLSContext? = nil,
        rules change: (inout RedisRules) -> Void = { _ in }
    ) throws {
        var rules = RedisRules()
        rules.answerTimeout = .seconds(5)
        change(&rules)
        loop = try Loop()
        resolver = try NameResolver(threads: 1)
        client = RedisClient(
            try RedisPlace(url),
            loop: loop,
            resolver: resolver,
            tls: tls,
            rules: rules
        )
    }

    convenience init(
        _ server: RedisProcess,
        rules change: (inout RedisRules) -> Void = { _ in }
    ) throws {
        try self.init("redis://127.0.0.1:\(server.port)", rules: change)
    }

    deinit {
        let (client, loop) = (client, loop)
        loop.execute {
            client.assumeIsolated { $0.close() }
            loop.stop()
        }
    }

    func collectNews() async {
        await client.watch { [weak self] news in self?.news.withLock { $0.append(news) } }
    }

    var heard: [RedisClientNews] { news.withLock { $0 } }

    @discardableResult
    func ask(
        _ words: String...,
        timeout: Duration? = nil,
        atOnce: Bool = false
    ) async throws(RedisFault) -> RedisValue {
        let command = RedisCommand(words[0], Array(words.dropFirst()))
        return try await client.ask(command, timeout: timeout, atOnce: atOnce)
    }

    /// Why asking fails; nil if it does not.
    func fault(
        _ words: String...,
        timeout: Duration? = nil,
        atOnce: Bool = false
    ) async -> RedisFault? {
        let command = RedisCommand(words[0], Array(words.dropFirst()))
        do throws(RedisFault) {
            _ = try await client.ask(command, timeout: timeout, atOnce: atOnce)
            return nil
        } catch {
            return error
        }
    }
}

/// Looks again and again whether something has come true, for ten seconds.
func eventually(_ isTrue: () async throws -> Bool) async throws -> Bool {
    for _ in 0..<2_000 {
        if try await isTrue() { return true }
        try await Task.sleep(for: .milliseconds(5))
    }
    return false
}
