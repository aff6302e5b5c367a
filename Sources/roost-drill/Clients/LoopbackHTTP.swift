internal import Basics
internal import Glibc
internal import IO

/// One request to a server, answered before anything else is done.
enum LoopbackHTTP {
    struct Answer {
        var status: Int
        var head: String
        var body: String

        /// What a field of the head says.
        func field(_ name: String) -> String? {
            for line in head.split(whereSeparator: \.isNewline) {
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2, parts[0].lowercased() == name else { continue }
                return String(parts[1].drop { $0 == " " })
            }
            return nil
        }
    }

    static func get(_ path: String, at address: SocketAddress) throws -> Answer {
        try ask("GET \(path) HTTP/1.1\r\n", [], at: address)
    }

    static func post(_ path: String, _ json: [UInt8], at address: SocketAddress) throws -> Answer {
        let head = "POST \(path) HTTP/1.1\r\nContent-Type: application/json\r\n"
        return try ask("\(head)Content-Length: \(json.count)\r\n", json, at: address)
    }

    private static func ask(
        _ head: String,
        _ body: [UInt8],
        at address: SocketAddress
    ) throws -> Answer {
        let descriptor = try Socket.connect(to: address)
        defer { close(descriptor) }
        try wait(for: POLLOUT, on: descriptor)
        if let code = Socket.settled(descriptor) {
            throw SystemFault(doing: "connect to \(address)", code: code)
        }
        let request =
            [UInt8]((head + "Host: localhost\r\nConnection: close\r\n\r\n").utf8) + body
        guard unsafe send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count
        else { throw SystemFault.last("ask \(address)") }
        var response: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            try wait(for: POLLIN, on: descriptor)
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            if count == 0 { break }
            guard count > 0 else { throw SystemFault.last("hear from \(address)") }
            response += buffer[..<count]
        }
        let text = String(decoding: response, as: UTF8.self)
        guard let status = Int(text.dropFirst(9).prefix(3)),
            let end = response.indices.dropLast(3).first(where: {
                response[$0..<$0 + 4].elementsEqual([13, 10, 13, 10])
            })
        else { throw DrillFault("\(address) does not speak HTTP") }
        return Answer(
            status: status,
            head: String(decoding: response[..<end], as: UTF8.self),
            body: String(decoding: response[(end + 4)...], as: UTF8.self)
        )
    }

    private static func wait(for event: Int32, on descriptor: Int32) throws {
        var poll = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        guard unsafe Glibc.poll(&poll, 1, 5_000) == 1 else {
            throw DrillFault("a server did not answer for five seconds")
        }
    }
}
