import Basics
import Glibc
import IO

/// A client that says exactly the bytes it is told to, and blocks: what no well-behaved library does.
final class RawClient {
    struct Fault: Error, CustomStringConvertible {
        var description: String
    }

    private let descriptor: Int32
    private(set) var received: [UInt8] = []

    init(port: UInt16, from source: String = "127.0.0.1", receiveBuffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if var size = receiveBuffer {
            _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4)
        }
        var wait = timeval(tv_sec: 10, tv_usec: 0)
        let length = socklen_t(MemoryLayout<timeval>.size)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, length)
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &wait, length)
        try unsafe call("bind", source, 0, Glibc.bind)
        try unsafe call("connect", "127.0.0.1", port, Glibc.connect)
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// The port it speaks from; 0 if the kernel won't say.
    var localPort: UInt16 { (try? Socket.name(of: descriptor))?.port ?? 0 }

    func send(_ text: String) throws {
        try send([UInt8](text.utf8))
    }

    func send(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Fault(description: "send: errno \(errno)") }
            rest = rest.dropFirst(count)
        }
    }

    /// Sends as much as is taken at once.
    func sendSome(_ bytes: [UInt8]) {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        _ = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, flags)
        }
    }

    /// Reads what is there, up to so many bytes, and forgets it.
    func skip(_ most: Int) {
        var buffer = [UInt8](repeating: 0, count: most)
        _ = unsafe recv(descriptor, &buffer, most, Int32(MSG_DONTWAIT))
    }

    /// Makes the end of this client a reset.
    func endRudely() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        let length = socklen_t(MemoryLayout.size(ofValue: linger))
        _ = unsafe setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, length)
    }

    /// Says that nothing more will be sent.
    func finish() {
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Reads once more. False at the end, or when the connection was reset.
    @discardableResult
    func readMore() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 {
            received += buffer[..<count]
            return true
        }
        guard count == 0 || errno == ECONNRESET else {
            throw Fault(description: "recv: errno \(errno), after \(text)")
        }
        return false
    }

    /// What has come so far.
    func take() -> [UInt8] {
        defer { received = [] }
        return received
    }

    func drop(_ count: Int) {
        received.removeFirst(count)
    }

    func readUntilEnd() throws -> String {
        while try readMore() {}
        defer { received = [] }
        return text
    }

    /// The next response with a Content-Length, or none at all; what follows stays.
    func readResponse() throws -> (head: String, body: String) {
        while headEnd == nil {
            guard try readMore() else { throw Fault(description: "ended within: \(text)") }
        }
        guard let headEnd else { throw Fault(description: "no head") }
        let head = String(decoding: received[..<headEnd], as: UTF8.self)
        let length =
            head.split(separator: "\r\n").compactMap { line -> Int? in
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2, parts[0].lowercased() == "content-length" else {
                    return nil
                }
                return Int(parts[1].drop { $0 == " " })
            }.first ?? 0
        while received.count < headEnd + 4 + length {
            guard try readMore() else { throw Fault(description: "cut off: \(text)") }
        }
        let body = String(decoding: received[(headEnd + 4)..<(headEnd + 4 + length)], as: UTF8.self)
        received.removeFirst(headEnd + 4 + length)
        return (head, body)
    }

    var text: String { String(decoding: received, as: UTF8.self) }

    private var headEnd: Int? {
        let mark = [UInt8]("\r\n\r\n".utf8)
        guard received.count >= 4 else { return nil }
        return (0...received.count - 4).first { Array(received[$0..<$0 + 4]) == mark }
    }

    private func call(
        _ name: String,
        _ host: String,
        _ port: UInt16,
        _ function: (Int32, UnsafePointer<sockaddr>?, socklen_t) -> Int32
    ) throws {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        _ = unsafe inet_pton(AF_INET, host, &address.sin_addr)
        let status = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe function(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw Fault(description: "\(name): errno \(errno)") }
    }
}
