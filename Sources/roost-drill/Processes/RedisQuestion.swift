internal import Basics
internal import Glibc
internal import IO

/// One command to a Redis or a sentinel, answered before anything else is done.
enum RedisQuestion {
    /// The texts of the answer in order, however they are nested; nil for what is nil. Throws when there is no
    /// answer within two seconds, or it is an error.
    static func ask(_ words: [String], at address: SocketAddress) throws -> [String?] {
        let descriptor = try Socket.connect(to: address)
        defer { close(descriptor) }
        try wait(for: POLLOUT, on: descriptor, address)
        if let code = Socket.settled(descriptor) {
            throw SystemFault(doing: "connect to \(address)", code: code)
        }
        var question = "*\(words.count)\r\n"
        for word in words { question += "$\(word.utf8.count)\r\n\(word)\r\n" }
        let bytes = [UInt8](question.utf8)
        guard unsafe send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
        else { throw SystemFault.last("ask \(address)") }
        var heard: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            var reader = Reader(rest: heard[...])
            if let texts = try reader.value() { return texts }
            try wait(for: POLLIN, on: descriptor, address)
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { throw SystemFault.last("hear from \(address)") }
            heard += buffer[..<count]
        }
    }

    private static func wait(
        for event: Int32,
        on descriptor: Int32,
        _ address: SocketAddress
    ) throws {
        var poll = pollfd(fd: descriptor, events: Int16(event), revents: 0)
        guard unsafe Glibc.poll(&poll, 1, 2_000) == 1 else {
            throw DrillFault("\(address) did not answer for two seconds")
        }
    }

    /// RESP2, as far as answers to our questions go.
    private struct Reader {
        var rest: ArraySlice<UInt8>

        /// Nil if it has not come as a whole.
        mutating func value() throws -> [String?]? {
            guard let end = rest.firstIndex(of: 0x0D), end + 1 < rest.endIndex,
                let kind = rest.first
            else { return nil }
            let line = String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)
            rest = rest[(end + 2)...]
            switch kind {
            case UInt8(ascii: "-"): throw DrillFault("Redis says: \(line)")
            case UInt8(ascii: "$"):
                guard let length = Int(line), length >= 0 else { return [nil] }
                guard rest.count >= length + 2 else { return nil }
                let text = String(decoding: rest.prefix(length), as: UTF8.self)
                rest = rest.dropFirst(length + 2)
                return [text]
            case UInt8(ascii: "*"):
                var texts: [String?] = []
                for _ in 0..<max(Int(line) ?? 0, 0) {
                    guard let more = try value() else { return nil }
                    texts += more
                }
                return texts
            default: return [line]
            }
        }
    }
}
