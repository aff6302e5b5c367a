internal import Basics
internal import Crypto
internal import Glibc
internal import IO
internal import Synchronization
internal import Wire

/// Many websockets to one server, opened at the pace at which the server lets them in, and held.
///
/// They come from several addresses of the loopback, for one address has no more than some 28,000
/// ports to call from.
final class Crowd: @unchecked Sendable {
    private let loop: Loop
    private let address: SocketAddress
    private let path: String
    private let perRoom: Int?
    private let security: TLSContext?
    private let hear: @Sendable (_ text: [UInt8]) -> Void
    private let opened = Atomic<Int>(0)
    private let fault = Mutex<String?>(nil)
    // On the loop.
    private let codec = DeflateCodec()
    private var clients: [SocketClient] = []
    private var wanted = 0
    private var waiting = 0

    /// What a member hears is told on the crowd's own loop.
    ///
    /// - Parameter perRoom: How many go to one path, which ends with the number of their room then.
    init(
        at address: SocketAddress,
        path: String,
        perRoom: Int? = nil,
        security: TLSContext? = nil,
        hear: @escaping @Sendable (_ text: [UInt8]) -> Void = { _ in }
    ) throws {
        loop = try Loop(index: 0, name: "crowd")
        self.address = address
        self.path = path
        self.perRoom = perRoom
        self.security = security
        self.hear = hear
    }

    /// Opens so many websockets more, and returns when all are open.
    func grow(by count: Int) throws {
        let goal = opened.load(ordering: .acquiring) + count
        loop.execute { [self] in
            wanted += count
            invite()
        }
        let end = Loop.readClock() + .seconds(180)
        while opened.load(ordering: .acquiring) < goal {
            if let fault = fault.withLock({ $0 }) {
                throw DrillFault("a websocket could not be held: \(fault)")
            }
            guard Loop.readClock() < end else {
                let count = opened.load(ordering: .acquiring)
                throw DrillFault("after three minutes \(count) of \(goal) websockets were open")
            }
            usleep(2_000)
        }
    }

    /// Lets go of all.
    func end() {
        loop.execute { [self] in clients.removeAll() }
        loop.stop()
    }

    private func invite() {
        while wanted > 0, waiting < Self.atOnce {
            wanted -= 1
            waiting += 1
            let source = IPAddress(
                v4: 0x7F00_0002 + UInt32(clients.count / Self.perAddress)
            )
            do {
                clients.append(
                    try SocketClient(
                        to: address,
                        from: source,
                        path: perRoom.map { "\(path)\(clients.count / $0)" } ?? path,
                        security: security,
                        loop: loop,
                        codec: codec,
                        tell: { [unowned self] in note($0) }
                    )
                )
            } catch {
                fault.withLock { $0 = "\(error)" }
                wanted = 0
            }
        }
    }

    private func note(_ news: SocketClient.News) {
        switch news {
        case .opened:
            waiting -= 1
            opened.add(1, ordering: .releasing)
            invite()
        case .text(let text):
            hear(text)
        case .ended(let why):
            fault.withLock { $0 = why }
        }
    }

    private static let atOnce = 64
    private static let perAddress = 5_000
}
