/// RFC 9112 as plainly as it can be said: everything at once, by splitting text. Slow, no states,
/// nothing shared with the machine it is compared to.
struct HTTPReference: Equatable {
    struct Message: Equatable {
        var line: String
        var content: [UInt8]
    }

    /// The messages that were whole before the stream ended or went wrong.
    var messages: [Message] = []
    /// Whether the stream went wrong, or ended within a message.
    var isRefused = false

    init(_ stream: [UInt8], bodyLimit: Int) {
        var rest = stream[...]
        while !isRefused {
            if rest.starts(with: [13, 10]) { rest = rest.dropFirst(2) }
            if rest.isEmpty { return }
            guard let head = Self.cut(&rest, at: [13, 10, 13, 10]),
                let message = Self.message(head, &rest, bodyLimit)
            else {
                isRefused = true
                return
            }
            messages.append(message.message)
            if message.isLast { return }
        }
    }

    private static func message(
        _ head: [UInt8],
        _ rest: inout ArraySlice<UInt8>,
        _ bodyLimit: Int
    ) -> (message: Message, isLast: Bool)? {
        var lines = split(head, at: [13, 10])
        let line = String(decoding: lines.removeFirst(), as: UTF8.self)
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        guard words.count == 3, !words[0].isEmpty, words[0].utf8.allSatisfy(isToken),
            words[0] != "CONNECT", words[2].utf8.count == 8, words[2].hasPrefix("HTTP/1."),
            let minor = words[2].utf8.last, minor >= 48, minor <= 57,
            words[1].utf8.allSatisfy({ $0 > 32 && $0 < 127 && !"\"#<>".utf8.contains($0) })
        else { return nil }
        let isOld = minor == 48
        let name = "\(words[0]) \(words[1]) \(isOld ? "1.0" : "1.1")"

        var fields: [(name: String, value: String)] = []
        for line in lines {
            guard let colon = line.firstIndex(of: 58), colon > 0,
                line[..<colon].allSatisfy(isToken),
                line.allSatisfy({ $0 >= 32 && $0 != 127 || $0 == 9 })
            else { return nil }
            let field = String(decoding: line[..<colon], as: UTF8.self).lowercased()
            fields.append((field, trim(line[(colon + 1)...])))
        }
        func values(_ name: String) -> [String] { fields.filter { $0.name == name }.map(\.value) }
        func tokens(_ name: String) -> [String] {
            values(name).flatMap { $0.split(separator: ",").map { trim(Array($0.utf8)[...]) } }
                .map { $0.lowercased() }
        }

        let hosts = values("host")
        guard hosts.count == 1 || isOld && hosts.isEmpty, hosts.allSatisfy(isHost) else {
            return nil
        }
        guard isTarget(words[1], words[0], host: hosts.first) else { return nil }
        guard values("expect").allSatisfy({ $0.lowercased() == "100-continue" }) else { return nil }
        let isLast =
            tokens("connection").contains("close")
            || isOld && !tokens("connection").contains("keep-alive")

        let lengths = values("content-length")
        let codings = values("transfer-encoding")
        guard lengths.count + codings.count <= 1 else { return nil }
        var content: [UInt8] = []
        if let coding = codings.first {
            guard coding.lowercased() == "chunked", !isOld else { return nil }
            guard let chunks = chunks(&rest, bodyLimit) else { return nil }
            content = chunks
        } else if let length = lengths.first {
            guard !length.isEmpty, length.utf8.allSatisfy({ $0 >= 48 && $0 <= 57 }),
                let count = Int(length), count <= bodyLimit, count <= rest.count
            else { return nil }
            content = Array(rest.prefix(count))
            rest = rest.dropFirst(count)
        }
        return (Message(line: name, content: content), isLast)
    }

    private static func chunks(_ rest: inout ArraySlice<UInt8>, _ bodyLimit: Int) -> [UInt8]? {
        var content: [UInt8] = []
        while true {
            guard let line = cut(&rest, at: [13, 10]), (1...16).contains(line.count),
                line.allSatisfy({ isHex($0) }),
                let size = UInt64(String(decoding: line, as: UTF8.self), radix: 16)
            else { return nil }
            if size == 0 { break }
            guard size <= UInt64(bodyLimit - content.count), Int(size) <= rest.count else {
                return nil
            }
            content += rest.prefix(Int(size))
            rest = rest.dropFirst(Int(size))
            guard rest.starts(with: [13, 10]) else { return nil }
            rest = rest.dropFirst(2)
        }
        while let line = cut(&rest, at: [13, 10]) {
            if line.isEmpty { return content }
            guard let colon = line.firstIndex(of: 58), colon > 0,
                line[..<colon].allSatisfy(isToken),
                line.allSatisfy({ $0 >= 32 && $0 != 127 || $0 == 9 }),
                !forbiddenTrailers.contains(
                    String(decoding: line[..<colon], as: UTF8.self).lowercased()
                )
            else { return nil }
        }
        return nil
    }

    private static let forbiddenTrailers: Set<String> = [
        "content-length", "transfer-encoding", "host", "connection", "keep-alive", "upgrade",
        "te", "trailer", "expect", "content-encoding", "content-type", "content-range",
        "authorization", "proxy-authorization", "cookie", "set-cookie", "forwarded",
        "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host",
    ]

    private static func isTarget(_ target: String, _ method: String, host: String?) -> Bool {
        if target.hasPrefix("/") { return true }
        if target == "*" { return method == "OPTIONS" }
        for scheme in ["http://", "https://"] where target.lowercased().hasPrefix(scheme) {
            let rest = target.dropFirst(scheme.count)
            let authority = String(rest.prefix { $0 != "/" && $0 != "?" })
            return isHost(authority)
                && (host == nil || host?.lowercased() == authority.lowercased())
        }
        return false
    }

    private static func isHost(_ host: String) -> Bool {
        let parts = host.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        let port: String?
        let name: String
        if host.hasPrefix("[") {
            guard let end = host.firstIndex(of: "]") else { return false }
            let inner = host[host.index(after: host.startIndex)..<end]
            guard inner.utf8.count > 1, inner.utf8.allSatisfy({ isHex($0) || $0 == 58 || $0 == 46 })
            else { return false }
            let rest = host[host.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return false }
            name = "v6"
            port = rest.isEmpty ? nil : String(rest.dropFirst())
        } else {
            guard parts.count <= 2 else { return false }
            name = parts[0]
            port = parts.count == 2 ? parts[1] : nil
        }
        let marks = Set("-._~!$&'()*+;=%".utf8)
        return !name.isEmpty && name.utf8.allSatisfy { isAlphanumeric($0) || marks.contains($0) }
            && (port?.utf8.count ?? 0) <= 5
            && (port?.utf8.allSatisfy { $0 >= 48 && $0 <= 57 } ?? true)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        byte >= 48 && byte <= 57 || byte >= 65 && byte <= 90 || byte >= 97 && byte <= 122
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        byte >= 48 && byte <= 57 || byte >= 65 && byte <= 70 || byte >= 97 && byte <= 102
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }

    private static func trim(_ bytes: ArraySlice<UInt8>) -> String {
        var bytes = bytes
        while let first = bytes.first, first == 32 || first == 9 { bytes = bytes.dropFirst() }
        while let last = bytes.last, last == 32 || last == 9 { bytes = bytes.dropLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Takes what stands before the mark, and the mark.
    private static func cut(_ rest: inout ArraySlice<UInt8>, at mark: [UInt8]) -> [UInt8]? {
        var index = rest.startIndex
        while index + mark.count <= rest.endIndex {
            if rest[index...].starts(with: mark) {
                let head = Array(rest[..<index])
                rest = rest[(index + mark.count)...]
                return head
            }
            index += 1
        }
        return nil
    }

    private static func split(_ bytes: [UInt8], at mark: [UInt8]) -> [[UInt8]] {
        var rest = bytes[...]
        var parts: [[UInt8]] = []
        while let part = cut(&rest, at: mark) { parts.append(part) }
        return parts + [Array(rest)]
    }
}
