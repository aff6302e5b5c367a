import Glibc

/// An application that webhooks are sent to: takes one request at a time, and answers what it is told to.
final class WebhookEar {
    struct Fault: Error {}

    struct Heard {
        var head: String
        var body: String

        func field(_ name: String) -> String? {
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name + ":") }
                .map { String($0.dropFirst(name.count + 1).drop { $0 == " " }) }
        }
    }

    let port: UInt16
    private let listener: Int32

    init() throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var wait = timeval(tv_sec: 15, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        _ = unsafe setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &wait, size)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        _ = unsafe inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let status = unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                let isBound = unsafe bind(listener, $0, length) == 0 && listen(listener, 16) == 0
                return unsafe isBound && getsockname(listener, $0, &length) == 0
            }
        }
        guard status else { throw Fault() }
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit {
        close(listener)
    }

    /// The next request, which is answered with this status.
    func hear(answering status: Int = 200) throws -> Heard {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { throw Fault() }
        defer { close(connection) }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let text = String(decoding: received, as: UTF8.self)
            if let end = text.firstRange(of: "\r\n\r\n") {
                let head = String(text[..<end.lowerBound])
                var heard = Heard(head: head, body: String(text[end.upperBound...]))
                if heard.body.utf8.count >= heard.field("content-length").flatMap({ Int($0) }) ?? 0
                {
                    let answer =
                        "HTTP/1.1 \(status) X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    let bytes = [UInt8](answer.utf8)
                    _ = unsafe send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
                    heard.head = head
                    return heard
                }
            }
            let count = unsafe recv(connection, &buffer, buffer.count, 0)
            guard count > 0 else { throw Fault() }
            received += buffer[..<count]
        }
    }
}
