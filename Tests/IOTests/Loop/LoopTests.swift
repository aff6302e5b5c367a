import Basics
import Glibc
import IO
import Synchronization
import Testing

@Suite struct `A loop` {
    @Test func `runs what other threads leave in its inbox, in order`() async throws {
        let loop = try Loop()
        defer { loop.stop() }
        let seen = Mutex<[Int]>([])
        await withCheckedContinuation { done in
            for number in 0..<1_000 { loop.execute { seen.withLock { $0.append(number) } } }
            loop.execute { done.resume() }
        }
        #expect(seen.withLock { $0 } == Array(0..<1_000))
    }

    @Test func `is the executor of the actors that live on it`() async throws {
        let loop = try Loop()
        defer { loop.stop() }
        let resident = Resident(loop)
        #expect(await resident.isOnItsLoop())
        #expect(await resident.askNeighbour())
        #expect(!loop.isCurrent)
    }

    @Test func `runs closures when their time has come, earliest first`() async throws {
        let loop = try Loop()
        defer { loop.stop() }
        let order = Mutex<[Int]>([])
        let start = Loop.readClock()
        await withCheckedContinuation { done in
            loop.execute {
                for wait in [30, 10, 20] {
                    loop.schedule(at: loop.now + .milliseconds(wait)) {
                        order.withLock { $0.append(wait) }
                    }
                }
                loop.schedule(at: loop.now + .milliseconds(40)) { done.resume() }
            }
        }
        #expect(order.withLock { $0 } == [10, 20, 30])
        #expect(Loop.readClock() - start >= .milliseconds(40))
    }

    @Test func `wakes for whoever comes while it sleeps`() async throws {
        let loop = try Loop()
        defer { loop.stop() }
        for _ in 0..<2_000 {
            await withCheckedContinuation { done in loop.execute { done.resume() } }
        }
    }

    @Test func `stays on the CPU it was given, and is refused one that is not there`() async throws
    {
        let cpus = Loop.usableCPUs
        let cpu = try #require(cpus.last)
        let loop = try Loop(cpu: cpu)
        defer { loop.stop() }
        #expect(await loop.run { ownCPUs() } == "\(cpu)")
        let fault = #expect(throws: SystemFault.self) { try Loop(cpu: 1_000) }
        #expect(fault?.remedy == "this process has CPUs \(cpus)")
    }

    @Test func `lets its jobs finish before it stops`() async throws {
        let loop = try Loop()
        let ran = Atomic<Int>(0)
        await withCheckedContinuation { done in
            for _ in 0..<100 { loop.execute { ran.add(1, ordering: .relaxed) } }
            loop.execute { done.resume() }
            loop.stop()
        }
        #expect(ran.load(ordering: .relaxed) == 100)
    }

    @Test func `does in one turn what its jobs lead to, for thirty-two steps`() async throws {
        let loop = try Loop()
        defer { loop.stop() }
        let turns = Mutex<[Instant]>([])
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            @Sendable func step(_ number: Int) {
                turns.withLock { $0.append(loop.now) }
                guard number < 64 else {
                    done.resume()
                    return
                }
                loop.begin { step(number + 1) }
            }
            loop.execute { step(1) }
        }
        let steps = turns.withLock { $0 }
        #expect(Set(steps.prefix(33)).count == 1)
        #expect(Set(steps).count == 2)
    }

    @Test func `keeps nobody who comes after its end, or who sleeps through it`() async throws {
        let loop = try Loop()
        async let sleeper: Void = loop.sleep(for: .seconds(3_600))
        _ = await loop.run { loop.now }
        loop.stop()
        await sleeper
        weak var late: Guest?
        for _ in 0..<1_000 {
            let guest = Guest()
            late = guest
            loop.execute { guest.greet() }
            await loop.sleep(for: .milliseconds(1))
        }
        #expect(late == nil)
    }
}

/// Somebody whom a closure holds.
private final class Guest: Sendable {
    func greet() {}
}

/// The CPUs that the calling thread may use, as the kernel writes them.
private func ownCPUs() -> String? {
    let file = unsafe open("/proc/thread-self/status", O_RDONLY)
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 8_192)
    let count = unsafe read(file, &buffer, buffer.count)
    let lines = String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self).split(separator: "\n")
    let line = lines.first { $0.hasPrefix("Cpus_allowed_list:") }
    return line.map { String($0.drop { $0 != "\t" }.dropFirst()) }
}

private actor Resident {
    private let loop: Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe loop.asUnownedSerialExecutor() }

    init(_ loop: Loop) {
        self.loop = loop
    }

    func isOnItsLoop() -> Bool { loop.isCurrent }

    func askNeighbour() async -> Bool {
        await Resident(loop).isOnItsLoop() && loop.isCurrent
    }
}
