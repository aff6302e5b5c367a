internal import Basics
internal import Crypto
internal import Glibc
internal import IO
internal import Synchronization

/// Clients who come, shake hands, say goodbye and come again, a fixed number at a time.
final class TLSVisitors: @unchecked Sendable {
    /// One visit: connect, handshake, goodbye, wait until the server lets go as well.
    private final class Visitor: LoopHandler, @unchecked Sendable {
        private let transport: Transport
        private let done: (_ fault: String?) -> Void
        private var hasFinished = false
        private var isOver = false

        init(
            to address: SocketAddress,
            from source: IPAddress,
            _ context: TLSContext,
            _ loop: Loop,
            done: @escaping (_ fault: String?) -> Void
        ) throws {
            transport = Transport(
                descriptor: try Socket.connect(to: address, from: source),
                loop: loop
            )
            self.done = done
            try transport.attach(self)
            transport.secure(
                with: try .client(context, serverName: "localhost"),
                after: [UInt8]().span
            )
            transport.beginHandshake()
        }

        func isReady(_ readiness: Readiness, at now: Instant) {
            guard !isOver else { return }
            transport.note(readiness)
            transport.flush()
            switch transport.pull({ _ in true }) {
            case .drained: break
            case .paused: transport.revisit()
            case .ended: end(hasFinished ? nil : "the server left during the handshake")
            case .failed(let reason): end(hasFinished ? nil : reason)
            case .failedTLS(let fault): end(fault.description)
            }
            if !isOver, transport.isReady, !hasFinished {
                hasFinished = true
                transport.finish()
            }
        }

        func isDue(at now: Instant) {}

        private func end(_ fault: String?) {
            isOver = true
            transport.end()
            done(fault)
        }
    }

    private let loop: Loop
    private let address: SocketAddress
    private let context: TLSContext
    private let served = Atomic<Int>(0)
    private let fault = Mutex<String?>(nil)
    // On the loop.
    private var present: [Int: Visitor] = [:]
    private var next = 0
    private var isOver = false

    init(at address: SocketAddress) throws {
        loop = try Loop(index: 0, name: "visitors")
        self.address = address
        context = try .client(trust: .anybody)
    }

    /// How many have been served since the beginning.
    func count() throws -> Int {
        if let fault = fault.withLock({ $0 }) { throw DrillFault("a TLS client failed: \(fault)") }
        return served.load(ordering: .acquiring)
    }

    func begin(atOnce: Int) {
        loop.execute { [self] in
            for _ in 0..<atOnce { visit() }
        }
    }

    func end() {
        loop.execute { [self] in
            isOver = true
            present.removeAll()
        }
        loop.stop()
    }

    private func visit() {
        guard !isOver else { return }
        next += 1
        let number = next
        let source = IPAddress(v4: 0x7F00_0102 + UInt32(number % 64))
        do {
            present[number] = try Visitor(to: address, from: source, context, loop) {
                [unowned self] fault in
                if let fault { self.fault.withLock { $0 = fault } }
                served.add(1, ordering: .releasing)
                loop.execute { [self] in
                    present[number] = nil
                    visit()
                }
            }
        } catch {
            fault.withLock { $0 = "\(error)" }
        }
    }
}
