import Basics
import Foundation
import IO

/// A server that isn't ours, run for the length of a test on a port that was free a moment ago.
final class Companion {
    private let process = Process()
    let folder: Folder

    /// Returns once `isReady`, or throws with the words of the process.
    init(
        _ program: String,
        _ arguments: (_ folder: Folder) -> [String],
        isReady: () -> Bool
    ) throws {
        folder = try Folder()
        let log = folder.path("companion.log")
        try folder.write("companion.log", "")
        process.executableURL = URL(filePath: program)
        process.arguments = arguments(folder)
        process.currentDirectoryURL = URL(filePath: folder.path(""))
        process.standardOutput = FileHandle(forWritingAtPath: log)
        process.standardError = process.standardOutput
        try process.run()
        for _ in 0..<200 {
            if isReady() { return }
            guard process.isRunning else { break }
            usleep(25_000)
        }
        throw NotReady(words: try String(contentsOfFile: log, encoding: .utf8))
    }

    deinit {
        // At once: coturn takes its time over a SIGTERM, and nobody here needs its farewell.
        // One that never started has number 0, which would mean this very process and its like.
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    struct NotReady: Error {
        var words: String
    }
}

/// A folder that goes away with its last user.
final class Folder {
    private let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "doctor-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        _ = Result { try FileManager.default.removeItem(at: url) }
    }

    func path(_ name: String) -> String {
        name.isEmpty ? url.path : url.appending(path: name).path
    }

    /// Writes a file, with the folders on the way to it.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try write(name, Array(text.utf8))
    }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(),
            withIntermediateDirectories: true
        )
        try Data(bytes).write(to: file)
        return file.path
    }
}

/// A port of 127.0.0.1 that nobody had a moment ago, over neither transport. None that the kernel gives to those who connect:
/// it may have done so by the time a server wants it.
func freePort() throws -> UInt16 {
    for _ in 0..<100 {
        let own = loopback(UInt16.random(in: 20_000..<32_768))
        guard let (tcp, _) = try? Socket.listen(on: own) else { continue }  // taken; try another
        defer { close(tcp) }
        guard let udp = try? Socket.datagrams(on: own) else { continue }  // taken; try another
        close(udp.descriptor)
        return own.port
    }
    throw Companion.NotReady(words: "a hundred ports are taken")
}

func loopback(_ port: UInt16) -> SocketAddress {
    SocketAddress(ip: .loopback, port: port)
}

/// Whether somebody accepts connections there.
func accepts(_ port: UInt16) -> Bool {
    guard let descriptor = try? Socket.connect(to: loopback(port)) else { return false }
    defer { close(descriptor) }
    usleep(5_000)
    return Socket.settled(descriptor) == nil
}
