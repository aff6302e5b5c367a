import Basics
import Foundation
import Store
import Testing

/// What the store does when the world under it fails.
@Suite struct `A store in trouble` {
    /// Eight writers, each noting what was acknowledged in a file of its own accord; then the process
    /// is killed in their middle.
    @Test(arguments: [1, 10, 100, 1_000, 2_000])
    func `has every acknowledged write after its process was killed`(count: Int) async throws {
        let scratch = try Scratch()
        let path = scratch.store
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, count = count as Int] in
            try await writeUntilKilled(path, count: count)
        }
        let notes = try String(contentsOfFile: path + ".notes", encoding: .utf8)
        let keys = notes.split(separator: "\n").map(String.init)
        #expect(keys.count >= count)
        let store = try EmbeddedStore(path: path)
        for key in keys {
            #expect(try await store.value(of: key)?.bytes == Array(key.utf8), "\(key) is lost")
        }
        await store.close()
    }

    @Test func `says that it is full, and goes on once there is room`() async throws {
        let scratch = try Scratch()
        let bounded = [Migration(StoreSchema.steps[0].sql + "PRAGMA max_page_count = 60;")]
        let store = try EmbeddedStore(path: scratch.store, steps: bounded)
        try await fillAndFree(store)
        await store.close()
        await (try EmbeddedStore(path: scratch.store)).close()  // which checks the file
    }

    @Test func `spoils no small write with one that is too large`() async throws {
        let scratch = try Scratch()
        let bounded = [Migration(StoreSchema.steps[0].sql + "PRAGMA max_page_count = 60;")]
        let store = try EmbeddedStore(path: scratch.store, steps: bounded)
        let large = [UInt8](repeating: 7, count: StoreLimits.document)
        let refused = await withTaskGroup(of: StoreFault.Reason?.self) { group in
            for index in 0..<50 {
                group.addTask {
                    do {
                        let bytes = index % 10 == 9 ? large : [1]
                        _ = try await store.write(bytes, to: "\(index)", ifVersion: nil)
                        return nil
                    } catch {
                        return (error as? StoreFault)?.reason ?? .other
                    }
                }
            }
            return await group.reduce(into: []) { $0 += [$1].compactMap(\.self) }
        }
        #expect(refused == Array(repeating: .full, count: 5))
        for index in 0..<50 {
            #expect(try await (store.value(of: "\(index)") != nil) == (index % 10 != 9))
        }
        await store.close()
    }

    @Test func `answers readers and refuses writers while another program writes`() async throws {
        let scratch = try Scratch()
        let store = try EmbeddedStore(path: scratch.store)
        try await store.save(ChannelRecord(id: "c"))
        let other = try Database(file: scratch.store)
        try other.script("BEGIN IMMEDIATE")
        let start = ContinuousClock.now
        let outcomes = await withTaskGroup(of: String.self) { group in
            for index in 0..<80 {
                group.addTask {
                    do throws(StoreFault) {
                        if index % 2 == 0 { return try await store.channel("c")?.id ?? "none" }
                        try await store.save(ChannelRecord(id: "\(index)"))
                        return "written"
                    } catch {
                        return "\(error.reason)"
                    }
                }
            }
            return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
        }
        #expect(outcomes == ["c": 40, "inUse": 40])
        // A few waits of two seconds, not one for each.
        #expect(ContinuousClock.now - start < .seconds(40))
        try other.script("COMMIT")
        try await store.save(ChannelRecord(id: "d"))
        await store.close()
    }

    @Test(.enabled(if: SmallDisk.isPossible))
    func `survives a disk that is really full`() async throws {
        let disk = try SmallDisk(kilobytes: 1_500)
        let store = try EmbeddedStore(path: disk.path + "/roost.db")
        try await fillAndFree(store, freeing: { try disk.resize(kilobytes: 6_000) })
        await store.close()
        await (try EmbeddedStore(path: disk.path + "/roost.db")).close()
        try disk.unmount()
    }

    /// Fills the store, makes sure of what it says and holds, makes room, and writes on.
    private func fillAndFree(
        _ store: EmbeddedStore,
        freeing: (() throws -> Void)? = nil
    ) async throws {
        let bytes = [UInt8](repeating: 1, count: 10_000)
        var stored: [String] = []
        var fault: StoreFault?
        while fault == nil && stored.count < 1_000 {
            do throws(StoreFault) {
                let key = "key \(stored.count)"
                _ = try await store.write(bytes, to: key, ifVersion: nil)
                stored.append(key)
            } catch {
                fault = error
            }
        }
        #expect(fault?.reason == .full)
        let text = "no space is left for \(store.path); free some, and storing resumes by itself"
        #expect(fault?.description == text)
        #expect(stored.count > 5)
        for key in stored { #expect(try await store.value(of: key)?.bytes == bytes) }
        if let freeing {
            try freeing()
        } else {
            for key in stored.prefix(4) { #expect(try await store.remove(key: key, ifVersion: 1)) }
        }
        #expect(try await store.write(bytes, to: "after", ifVersion: nil) == 1)
        #expect(try await store.value(of: "after")?.bytes == bytes)
    }
}

private func writeUntilKilled(_ path: String, count: Int) async throws {
    let store = try EmbeddedStore(path: path)
    let notes = unsafe open(path + ".notes", O_WRONLY | O_CREAT | O_APPEND, 0o600)
    let noted = Counter()
    try await withThrowingTaskGroup { group in
        for writer in 0..<8 {
            group.addTask {
                for number in 0..<100_000 {
                    let key = "\(writer)-\(number)"
                    let version = try await store.write(Array(key.utf8), to: key, ifVersion: nil)
                    precondition(version == 1)
                    let line = Array("\(key)\n".utf8)
                    precondition(unsafe write(notes, line, line.count) == line.count)
                    noted.add()
                    if noted.value >= count { kill(getpid(), SIGKILL) }
                }
            }
        }
        try await group.waitForAll()
    }
}

/// A file system in memory, as small as one likes. Only root may make one.
private final class SmallDisk {
    let path: String
    private let scratch: Scratch

    init(kilobytes: Int) throws {
        scratch = try Scratch()
        path = scratch.path + "/disk"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try Self.run("/bin/mount", "-t", "tmpfs", "-o", "size=\(kilobytes)k", "tmpfs", path)
    }

    /// A test that has failed has not unmounted it.
    deinit {
        _ = Result { try Self.run("/bin/umount", "-l", path) }
    }

    func resize(kilobytes: Int) throws {
        try Self.run("/bin/mount", "-o", "remount,size=\(kilobytes)k", path)
    }

    func unmount() throws {
        try Self.run("/bin/umount", path)
    }

    static var isPossible: Bool {
        guard getuid() == 0 else { return false }
        do {
            try SmallDisk(kilobytes: 100).unmount()
            return true
        } catch {
            return false
        }
    }

    private static func run(_ tool: String, _ arguments: String...) throws {
        let process = Process()
        process.executableURL = URL(filePath: tool)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        if process.terminationStatus != 0 { throw CocoaError(.fileWriteUnknown) }
    }
}
