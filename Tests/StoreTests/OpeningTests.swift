import Foundation
import Store
import Testing

@Suite struct `Opening a store` {
    @Test func `makes the folders and the file, for their owner alone`() async throws {
        let scratch = try Scratch()
        let path = scratch.path + "/a/b/roost.db"
        let store = try EmbeddedStore(path: path)
        await store.close()
        let manager = FileManager.default
        let file = try manager.attributesOfItem(atPath: path)
        let folder = try manager.attributesOfItem(atPath: scratch.path + "/a/b")
        #expect(file[.posixPermissions] as? Int == 0o600)
        #expect(folder[.posixPermissions] as? Int == 0o700)
        #expect(store.opening.version == (0, StoreSchema.steps.count))
        #expect(store.opening.pageCount > 1)
    }

    @Test func `is refused at once while another process has it`() async throws {
        let scratch = try Scratch()
        let store = try EmbeddedStore(path: scratch.store)
        let path = scratch.store
        let holder = "\(getpid()) (roost on \(ProcessInfo.processInfo.hostName))"
        await #expect(processExitsWith: .success) {
            [path = path as String, holder = holder as String] in
            let start = ContinuousClock.now
            let fault = #expect(throws: StoreFault.self) { try EmbeddedStore(path: path) }
            #expect(fault?.reason == .inUse)
            let remedy = "stop it or set store.path to another file"
            #expect(fault?.description == "\(path) is in use by process \(holder); \(remedy)")
            #expect(ContinuousClock.now - start < .seconds(1))
        }
        await store.close()
    }

    @Test func `is refused by another path to the same file, too`() async throws {
        let scratch = try Scratch()
        let store = try EmbeddedStore(path: scratch.store)
        let link = scratch.path + "/link.db"
        try FileManager.default.createSymbolicLink(
            atPath: link,
            withDestinationPath: scratch.store
        )
        #expect(opening(link)?.reason == .inUse)
        await store.close()
    }

    @Test func `is possible again once it is closed`() async throws {
        let scratch = try Scratch()
        for _ in 0..<3 {
            let store = try EmbeddedStore(path: scratch.store)
            #expect(throws: StoreFault.self) { try EmbeddedStore(path: scratch.store) }
            await store.close()
        }
    }

    @Test func `is possible soon after the last who held it let go`() async throws {
        let scratch = try Scratch()
        _ = try EmbeddedStore(path: scratch.store)
        let deadline = ContinuousClock.now + .seconds(10)
        while true {
            do throws(StoreFault) {
                await (try EmbeddedStore(path: scratch.store)).close()
                break
            } catch {
                try #require(error.reason == .inUse && ContinuousClock.now < deadline)
                await Task.yield()
            }
        }
    }

    @Test func `is possible after a process died with it`() async throws {
        let scratch = try Scratch()
        let path = scratch.store
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let store = try EmbeddedStore(path: path)
            try await store.save(ChannelRecord(id: "c", isEnabled: true))
            kill(getpid(), SIGKILL)
        }
        let store = try EmbeddedStore(path: path)
        #expect(try await store.channel("c")?.isEnabled == true)
        await store.close()
    }

    @Test func `refuses what is no database`() throws {
        let scratch = try Scratch()
        let text = String(repeating: "dear diary, ", count: 1_000)
        try text.write(toFile: scratch.store, atomically: false, encoding: .utf8)
        let fault = opening(scratch.store)
        #expect(fault?.reason == .foreign)
        let remedy = "set store.path to another file, or move this one away"
        #expect(fault?.description == "\(scratch.store) is not a database; \(remedy)")
        #expect(try String(contentsOfFile: scratch.store, encoding: .utf8) == text)
    }

    @Test func `refuses another program's database`() async throws {
        let scratch = try Scratch()
        let theirs = [Migration("CREATE TABLE a (x INTEGER); PRAGMA user_version = 7")]
        let store = try EmbeddedStore(path: scratch.store, steps: theirs)
        await store.close()
        try patch(scratch.store, at: 68, with: [0, 0, 0, 1])  // the header's application id
        #expect(opening(scratch.store)?.reason == .foreign)
        try patch(scratch.store, at: 68, with: [0, 0, 0, 0])
        #expect(opening(scratch.store)?.reason == .foreign)
    }

    @Test func `finds damage, and says what to do`() async throws {
        let scratch = try Scratch()
        let store = try EmbeddedStore(path: scratch.store)
        for index in 0..<200 {
            try await store.save(ChannelRecord(id: "\(index)", props: "\(index * index)"))
        }
        await store.close()
        let size = try Data(contentsOf: URL(filePath: scratch.store)).count
        let noise = [UInt8](repeating: 0xA5, count: 600)
        for page in 2..<size / 4_096 {
            try patch(scratch.store, at: UInt64(page * 4_096), with: noise)
        }
        let fault = opening(scratch.store)
        #expect(fault?.reason == .damaged)
        #expect(fault?.description.hasPrefix("\(scratch.store) is damaged (") == true)
        #expect(fault?.description.contains("restore a backup or move the file away") == true)
    }

    @Test func `refuses a file cut short`() async throws {
        let scratch = try Scratch()
        await (try EmbeddedStore(path: scratch.store)).close()
        let file = try FileHandle(forUpdating: URL(filePath: scratch.store))
        try file.truncate(atOffset: 3 * 4_096)
        try file.close()
        #expect(opening(scratch.store)?.reason == .damaged)
    }

    @Test func `refuses a file that it may not write`() async throws {
        let scratch = try Scratch()
        await (try EmbeddedStore(path: scratch.store)).close()
        let path = scratch.store
        unsafe chmod(scratch.path, 0o755)
        unsafe chmod(path, 0o444)
        unsafe chmod(path + ".lock", 0o666)
        await #expect(processExitsWith: .success) { [path = path as String] in
            if getuid() == 0 { setuid(65_534) }  // root may write anything
            let fault = #expect(throws: StoreFault.self) { try EmbeddedStore(path: path) }
            #expect(fault?.reason == .readOnly)
            let remedy = "give the user that runs roost the right to write it"
            #expect(fault?.description.contains(remedy) == true)
        }
    }

    @Test func `refuses a folder that it may not write`() async throws {
        let scratch = try Scratch()
        unsafe chmod(scratch.path, 0o555)
        let paths = [scratch.store, scratch.path + "/deeper/roost.db"]
        await #expect(processExitsWith: .success) { [paths = paths as [String]] in
            if getuid() == 0 { setuid(65_534) }
            for path in paths {
                let fault = #expect(throws: StoreFault.self) { try EmbeddedStore(path: path) }
                #expect(fault?.reason == .readOnly)
            }
        }
        unsafe chmod(scratch.path, 0o755)
    }

    @Test func `refuses a path that leads through a file, to a folder, or nowhere`() throws {
        let scratch = try Scratch()
        let file = scratch.path + "/file"
        try "".write(toFile: file, atomically: false, encoding: .utf8)
        #expect(opening(file + "/roost.db")?.reason == .unreachable)
        // Within the scratch folder, where its lock goes with it.
        let folder = scratch.path + "/folder"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: false
        )
        #expect(opening(folder)?.reason == .unreachable)
        #expect(opening("")?.description.contains("store.path is empty") == true)
    }

    private func opening(_ path: String) -> StoreFault? {
        #expect(throws: StoreFault.self) { try EmbeddedStore(path: path) }
    }

    private func patch(_ path: String, at offset: UInt64, with bytes: [UInt8]) throws {
        let file = try FileHandle(forUpdating: URL(filePath: path))
        try file.seek(toOffset: offset)
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }
}
