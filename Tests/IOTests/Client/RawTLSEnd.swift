import Basics
import Crypto
import Glibc

/// The server's end of one connection of a ``RawServer``, under TLS, on the thread that serves it.
final class RawTLSEnd {
    private let descriptor: Int32
    private var tls: TLSMachine
    private var heard: [UInt8] = []

    /// Shakes hands. Throws if the client will not.
    init(_ descriptor: Int32, as identity: TestIdentity) throws {
        self.descriptor = descriptor
        tls = try .server(identity.server)
        while true {
            switch tls.advance() {
            case .established:
                try flush()
                return
            case .failed(let fault):
                try flush()
                throw fault
            case .handshaking:
                try flush()
                guard receive() else { throw TLSFault.endedInHandshake }
            }
        }
    }

    /// Reads a request without content. False if the client is gone.
    func readHead() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            if let end = heard.indices.dropFirst(3).first(where: {
                heard[($0 - 3)...$0] == [13, 10, 13, 10]
            }) {
                heard.removeSubrange(...end)
                return true
            }
            var span = buffer.mutableSpan
            switch tls.read(into: &span) {
            case .bytes(let count): heard += buffer[..<count]
            case .needsMore: guard receive() else { return false }
            case .ended, .failed: return false
            }
        }
    }

    func say(_ text: String) throws {
        _ = tls.write([UInt8](text.utf8).span)
        try flush()
    }

    /// Tells the client that nothing more will come, which a cut could not.
    func sayGoodbye() throws {
        tls.close()
        try flush()
    }

    private func receive() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return false }
        tls.receive(buffer.span.extracting(0..<count))
        return true
    }

    private func flush() throws {
        var output: [UInt8] = []
        tls.takeOutput(into: &output)
        guard !output.isEmpty else { return }
        let sent = unsafe send(descriptor, output, output.count, Int32(MSG_NOSIGNAL))
        guard sent == output.count else { throw TLSFault.endedInHandshake }
    }
}
