internal import Basics
internal import Crypto
internal import IO
internal import Wire

/// The client's end of one websocket, from its connection to its end.
///
///     handshaking ──▶ open ──▶ ended
///
/// Lives on one loop and belongs to its thread.
final class SocketClient: LoopHandler, @unchecked Sendable {
    enum News: Sendable {
        case opened
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
    private var stage = Stage.handshaking

    /// Begins to connect. On the loop.
    init(
        to address: SocketAddress,
        from source: IPAddress,
        path: String,
        security: TLSContext?,
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
        let nonce = SecureRandom.bytes(16)
        invitation = WebSocketInvitation(nonce: nonce.span, offersDeflate: false)
        try transport.attach(self)
        if let security {
            transport.secure(
                with: try .client(security, serverName: "localhost"),
                after: [UInt8]().span
            )
            transport.beginHandshake()
        }
        response.begin(.get)
        transport.send(Self.request(path, invitation.fields))
    }

    private static func request(_ path: String, _ fields: HTTPFields) -> [UInt8] {
        var text = "GET \(path) HTTP/1.1\r\nHost: localhost\r\n"
        let names: [StaticString] = [
            "upgrade", "connection", "sec-websocket-version", "sec-websocket-key",
        ]
        for name in names {
            text += "\(name): \(fields.string(name) ?? "")\r\n"
        }
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
            case .ping(let payload): transport.send(WebSocketFrame.pong(payload.span))
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
            _ = try invitation.judge(head.status, head.fields, digest: digest.span)
            stage = .open
            tell(.opened)
        } catch {
            end(error.description)
        }
    }

    private func end(_ why: String) {
        guard stage != .ended else { return }
        stage = .ended
        transport.end()
        tell(.ended(why: why))
    }
}
