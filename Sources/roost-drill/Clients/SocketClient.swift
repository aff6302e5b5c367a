internal import Basics
internal import Crypto
internal import IO
internal import Wire

/// The client's end of one websocket, from its connection to its end: hears texts, and may speak.
///
///     handshaking ──▶ open ──▶ ended
///
/// Lives on one loop and belongs to its thread.
final class SocketClient: LoopHandler, @unchecked Sendable {
    enum News: Sendable {
        /// With what the answer to the upgrade said.
        case opened(HTTPFields)
        case text([UInt8])
        case ended(why: String)
    }

    private enum Stage {
        case handshaking
        case open
        case ended
    }

    private let transport: Transport
    private let invitation: WebSocketInvitation
    private let codec: DeflateCodec
    private let tell: (News) -> Void
    private var response = HTTPResponseMachine(limits: HTTPLimits())
    private var machine = WebSocketMachine(role: .client)
    private let mask: WebSocketMask
    private var stage = Stage.handshaking

    /// Begins to connect. On the loop.
    ///
    /// - Parameters:
    ///   - fields: Lines that the upgrade has besides its own.
    ///   - subprotocols: Of which the server may choose one.
    ///   - offersDeflate: Whether to ask for compression, as browsers do.
    init(
        to address: SocketAddress,
        from source: IPAddress?,
        path: String,
        fields: [String] = [],
        subprotocols: [String] = [],
        offersDeflate: Bool = false,
        security: TLSContext? = nil,
        loop: Loop,
        codec: DeflateCodec,
        tell: @escaping (News) -> Void
    ) throws {
        transport = Transport(
            descriptor: try Socket.connect(to: address, from: source),
            loop: loop
        )
        self.codec = codec
        self.tell = tell
        var random = SecureRandom()
        mask = WebSocketMask(key: UInt32.random(in: 1 ... .max, using: &random))
        let nonce = SecureRandom.bytes(16)
        invitation = WebSocketInvitation(
            nonce: nonce.span,
            subprotocols: subprotocols,
            offersDeflate: offersDeflate
        )
        try transport.attach(self)
        if let security {
            transport.secure(
                with: try .client(security, serverName: "localhost"),
                after: [UInt8]().span
            )
            transport.beginHandshake()
        }
        response.begin(.get)
        transport.send(Self.request(path, invitation.fields, fields))
    }

    /// Says something, once it is open. On the loop.
    func say(_ text: String) { say([UInt8](text.utf8).span, .text) }
    func say(binary: [UInt8]) { say(binary.span, .binary) }

    /// Ends the connection without a word, here and there. On the loop.
    func hangUp() {
        guard stage != .ended else { return }
        stage = .ended
        transport.end()
    }

    private func say(_ payload: Span<UInt8>, _ opcode: WebSocketFrame.Opcode) {
        var frame: [UInt8] = []
        WebSocketFrame(opcode).append(payload, mask: mask, to: &frame)
        transport.send(frame)
    }

    private static func request(
        _ path: String,
        _ fields: HTTPFields,
        _ others: [String]
    ) -> [UInt8] {
        var text = "GET \(path) HTTP/1.1\r\nHost: localhost\r\n"
        let names: [StaticString] = [
            "upgrade", "connection", "sec-websocket-version", "sec-websocket-key",
            "sec-websocket-protocol", "sec-websocket-extensions",
        ]
        for name in names {
            guard let value = fields.string(name) else { continue }
            text += "\(name): \(value)\r\n"
        }
        for line in others { text += "\(line)\r\n" }
        return [UInt8]((text + "\r\n").utf8)
    }

    func isReady(_ readiness: Readiness, at now: Instant) {
        transport.note(readiness)
        transport.flush()
        switch transport.pull({ take($0) }) {
        case .drained: break
        case .paused: transport.revisit()
        case .ended: end("the server closed the connection")
        case .failed(let reason): end(reason)
        case .failedTLS(let fault): end(fault.description)
        }
        transport.flush()
    }

    func isDue(at now: Instant) {}

    private func take(_ input: Span<UInt8>) -> Bool {
        var offset = 0
        while stage == .handshaking {
            switch response.next(in: input, from: &offset) {
            case .needsMore: return true
            case .head(let head): judge(head)
            case .body, .end: break
            case .failed(let refusal): end(refusal.sentence)
            }
        }
        while stage == .open {
            switch machine.next(in: input, from: &offset, using: codec) {
            case .needsMore: return true
            case .text(let text): tell(.text(text))
            case .ping(let payload): say(payload.span, .pong)
            case .binary, .pong: break
            case .close(_, let reason): end("the server said goodbye: \(reason)")
            case .failed(_, let reason): end("the server broke a rule: \(reason)")
            }
        }
        return true
    }

    private func judge(_ head: HTTPResponseHead) {
        let challenge = invitation.challenge
        let digest = Digest.of(challenge.span, .sha1)
        do {
            let agreement = try invitation.judge(
                head.status,
                head.fields,
                digest: digest.span
            )
            machine = WebSocketMachine(
                role: .client,
                limits: WebSocketMachine.Limits(
                    frameBytes: Self.longest,
                    messageBytes: Self.longest
                ),
                deflate: agreement.deflate
            )
            stage = .open
            tell(.opened(head.fields))
        } catch {
            end(error.description)
        }
    }

    /// The state of a call of thousands, and more.
    private static let longest = 8 << 20

    private func end(_ why: String) {
        guard stage != .ended else { return }
        stage = .ended
        transport.end()
        tell(.ended(why: why))
    }
}
