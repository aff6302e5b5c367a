import Basics
import IO

/// A wire between two nodes that can be cut, and hold back what comes as if nobody were there any more.
actor Cutter {
    private final class Half: LoopHandler, @unchecked Sendable {
        let transport: Transport
        weak var other: Half?
        var isHeld = false {
            didSet { if !isHeld { transport.revisit() } }
        }

        init(_ descriptor: Int32, on loop: Loop) {
            transport = Transport(descriptor: descriptor, loop: loop)
        }

        func isReady(_ readiness: Readiness, at now: Instant) {
            transport.note(readiness)
            transport.flush()
            guard !isHeld else { return }
            let pulled = transport.pull { bytes in
                other?.transport.send([UInt8](copying: bytes))
                return true
            }
            switch pulled {
            case .drained: break
            case .paused: transport.revisit()
            case .ended, .failed, .failedTLS:
                other?.transport.finish()
                transport.end()
            }
        }

        func isDue(at now: Instant) {}
    }

    private let loop: Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }
    nonisolated let address: SocketAddress
    private var listener: Listener?
    private let target: SocketAddress
    private var halves: [Half] = []
    private var isHeld = false

    init(to target: SocketAddress) async throws {
        let loop = try Loop()
        self.loop = loop
        self.target = target
        let door = Door()
        let registry = MetricRegistry()
        let listener = try Listener(
            on: SocketAddress("127.0.0.1:0"),
            loop: loop,
            starved: registry.counter("starved_total", help: "None."),
            log: .silent
        ) { descriptor, _, _ in
            door.cutter?.join(descriptor)
        }
        address = listener.bound
        self.listener = listener
        door.cutter = self
        listener.open()
    }

    private final class Door: @unchecked Sendable {
        weak var cutter: Cutter?
    }

    private nonisolated func join(_ descriptor: Int32) {
        loop.execute {
            self.assumeIsolated { cutter in
                guard let onward = try? Socket.connect(to: cutter.target) else { return }
                let (near, far) = (Half(descriptor, on: cutter.loop), Half(onward, on: cutter.loop))
                (near.other, far.other) = (far, near)
                cutter.halves += [near, far]
                for half in [near, far] {
                    half.isHeld = cutter.isHeld
                    try? half.transport.attach(half)
                    half.transport.note(.read)
                    half.transport.revisit()
                }
            }
        }
    }

    /// Nothing comes through, and neither side is told, until it is let through again.
    func hold(_ wants: Bool) {
        isHeld = wants
        for half in halves { half.isHeld = wants }
    }

    func cut() {
        for half in halves { half.transport.abort() }
        halves = []
    }

    func close() {
        cut()
        listener?.close()
        loop.stop()
    }
}
