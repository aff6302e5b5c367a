import Basics
import Crypto
import IO

/// A server's certificate for tests, and those who trust it.
struct TestIdentity {
    let server: TLSContext
    let client: TLSContext
    let certificatePEM: [UInt8]
    let keyPEM: [UInt8]

    /// Valid between two hours, counted from now.
    init(
        names: [String] = ["localhost", "127.0.0.1"],
        from first: Int64 = -1,
        to last: Int64 = 24
    ) throws {
        var random = SecureRandom()
        let now = Loop.readWallClock().seconds
        let made = try SelfSigned(
            names: names,
            notBefore: now + first * 3_600,
            notAfter: now + last * 3_600,
            using: &random
        )
        certificatePEM = made.certificatePEM
        keyPEM = made.keyPEM
        server = try .server(
            certificateChainPEM: made.certificatePEM.span,
            privateKeyPEM: made.keyPEM.span
        )
        client = try .client(trust: .only(pem: made.certificatePEM))
    }
}

/// A ``RawClient`` that speaks TLS, and blocks as it does.
final class RawTLSClient {
    private let raw: RawClient
    private var tls: TLSMachine
    private var hasEnded = false
    private(set) var received: [UInt8] = []

    init(_ raw: RawClient, trusting identity: TestIdentity) throws {
        self.raw = raw
        tls = try .client(identity.client, serverName: "localhost")
        while true {
            switch tls.advance() {
            case .established:
                try flush()
                return
            case .failed(let fault):
                throw RawClient.Fault(description: "handshake: \(fault)")
            case .handshaking:
                try flush()
                guard try raw.readMore() else {
                    throw RawClient.Fault(description: "ended within the handshake")
                }
                let bytes = raw.take()
                tls.receive(bytes.span)
            }
        }
    }

    func send(_ text: String) throws {
        try send([UInt8](text.utf8))
    }

    func send(_ bytes: [UInt8]) throws {
        _ = tls.write(bytes.span)
        try flush()
    }

    func read(until mark: String) throws -> String {
        while !text.hasSuffix(mark) {
            guard try readMore() else { throw RawClient.Fault(description: "ended in: \(text)") }
        }
        return text
    }

    func readUntilEnd() throws -> String {
        while try readMore() {}
        return text
    }

    var text: String { String(decoding: received, as: UTF8.self) }

    private func readMore() throws -> Bool {
        if hasEnded { return false }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var span = buffer.mutableSpan
        switch tls.read(into: &span) {
        case .bytes(let count):
            received += buffer[..<count]
            return true
        case .ended, .failed:
            hasEnded = true
            return false
        case .needsMore:
            if try raw.readMore() {
                let bytes = raw.take()
                tls.receive(bytes.span)
            } else {
                tls.receiveEnd()
            }
            return true
        }
    }

    private func flush() throws {
        var output: [UInt8] = []
        tls.takeOutput(into: &output)
        if !output.isEmpty { try raw.send(output) }
    }
}
