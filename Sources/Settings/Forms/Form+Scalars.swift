import Basics

extension Form<Bool> {
    static var flag: Form {
        Form(
            "must be true or false",
            read: { given in
                switch given.content {
                case .boolean(let value): value
                case .untyped(let text):
                    switch text.lowercased() {
                    case "true", "1", "t": true
                    case "false", "0", "f": false
                    default: nil
                    }
                case .string, .integer, .number, .list, .table, .other: nil
                }
            },
            suggest: { given in
                guard let text = given.text else { return nil }
                return switch text.lowercased() {
                case "true", "yes", "on": "true"
                case "false", "no", "off": "false"
                default: NearMiss.suggestion(for: text, among: ["true", "false"])
                }
            },
            write: { $0 ? "true" : "false" }
        )
    }
}

extension Form<Int> {
    static func whole(_ range: ClosedRange<Int>) -> Form {
        Form(
            "must be \(range.lowerBound) to \(range.upperBound)",
            read: { given in
                let number: Int? =
                    switch given.content {
                    case .integer(let number): Int(number)
                    case .untyped(let text): Int(text)
                    case .string, .number, .boolean, .list, .table, .other: nil
                    }
                return number.flatMap { range.contains($0) ? $0 : nil }
            },
            suggest: { given in
                // 10_000 between quotes.
                guard case .string(let text) = given.content, let number = Int(text),
                    range.contains(number)
                else { return nil }
                return "\(number), without quotes"
            },
            write: { String($0) }
        )
    }

    /// 32, 64, 128 and so on.
    static func powerOfTwo(_ range: ClosedRange<Int>) -> Form {
        let whole = whole(range)
        return Form(
            "must be a power of two from \(range.lowerBound) to \(range.upperBound)",
            read: { given in
                var refusals: [Refusal] = []
                guard let number = whole.read(given, &refusals) else { return nil }
                return number & (number - 1) == 0 ? number : nil
            },
            suggest: { given in
                guard case .integer(let number) = given.content, range.contains(Int(number)) else {
                    return nil
                }
                return String(1 << (Int.bitWidth - 1 - Int(number).leadingZeroBitCount))
            },
            write: { String($0) }
        )
    }

    /// A number of bytes: a plain number, or one with B, KiB, MiB or GiB.
    static func size(_ range: ClosedRange<Int>) -> Form {
        let lowest = ByteCount.text(range.lowerBound)
        let highest = ByteCount.text(range.upperBound)
        return Form(
            "must be \(lowest) to \(highest)",
            read: { given in
                let count: Int? =
                    switch given.content {
                    case .integer(let number): Int(number)
                    case .untyped(let text), .string(let text): ByteCount.parse(text)
                    case .number, .boolean, .list, .table, .other: nil
                    }
                return count.flatMap { range.contains($0) ? $0 : nil }
            },
            suggest: { given in
                guard let text = given.text.flatMap(ByteCount.suggestion),
                    let count = ByteCount.parse(text), range.contains(count)
                else { return nil }
                return text
            },
            write: { TOMLText.quoted(ByteCount.text($0)) }
        )
    }
}

extension Form<Duration> {
    /// A whole number and its unit: 100ms, 5s, 2m, 1h or 30d.
    static func time(_ range: ClosedRange<Duration>) -> Form {
        let lowest = DurationText.text(range.lowerBound)
        let highest = DurationText.text(range.upperBound)
        return Form(
            "must be a time from \(lowest) to \(highest), such as 5s",
            read: { given in
                let duration = given.text.flatMap(DurationText.parse)
                return duration.flatMap { range.contains($0) ? $0 : nil }
            },
            suggest: { given in
                guard case .integer(let number) = given.content,
                    let duration = DurationText.parse("\(number)s"), range.contains(duration)
                else { return nil }
                return "\"\(number)s\""
            },
            write: { TOMLText.quoted(DurationText.text($0)) }
        )
    }
}

extension Form<String> {
    static func text(upTo bytes: Int = 1_024) -> Form {
        plain("must be text of at most \(bytes) bytes", upTo: bytes)
    }

    /// One port, or one for each of several addresses of this machine.
    static var portOverride: Form {
        Form(
            "must be a port, 0, or address/port,address/port",
            read: { given in
                let text: String? =
                    if case .integer(let number) = given.content { String(number) } else {
                        given.text
                    }
                guard let text, text.utf8.count <= 1_024 else { return nil }
                if UInt16(text) != nil { return text }
                let pairs = text.split(separator: ",", omittingEmptySubsequences: false)
                return pairs.allSatisfy(\.isAddressAndPort) ? text : nil
            },
            write: { UInt16($0) == nil ? TOMLText.quoted($0) : $0 }
        )
    }

    /// A path as the system takes it.
    static var file: Form { plain("must be a path", upTo: 4_095) }

    private static func plain(_ rule: String, upTo bytes: Int) -> Form {
        Form(
            rule,
            read: { given in
                guard let text = given.text, text.utf8.count <= bytes, !text.hasControls else {
                    return nil
                }
                return text
            },
            write: TOMLText.quoted
        )
    }

    /// Nothing, or where a browser finds this server: `https://calls.example.org/sub`.
    static var publicURL: Form {
        Form(
            "must be empty or a URL without query, such as https://calls.example.org",
            read: { given in
                guard let text = given.text else { return nil }
                if text.isEmpty { return text }
                guard let rest = text.after("https://") ?? text.after("http://") else { return nil }
                return rest.isURLRest && !rest.hasSuffix("/") ? text : nil
            },
            write: TOMLText.quoted
        )
    }

    /// What a browser sends as Origin (RFC 6454), or `*` for any.
    static var origin: Form {
        Form(
            "must be * or an origin without path, such as https://chat.example.org",
            read: { given in
                guard let text = given.text else { return nil }
                if text == "*" { return text }
                guard let place = text.firstRange(of: "://"), place.lowerBound > text.startIndex
                else { return nil }
                let rest = text[place.upperBound...]
                return String(rest).isURLRest && !rest.contains("/") ? text : nil
            },
            write: TOMLText.quoted
        )
    }
}

extension Form<Secret> {
    static func secret(upTo bytes: Int = 1_024) -> Form {
        Form(
            "must be text of at most \(bytes) bytes",
            read: { given in
                guard let text = given.text, text.utf8.count <= bytes, !text.hasControls else {
                    return nil
                }
                return Secret(text)
            },
            write: { TOMLText.quoted($0.isEmpty ? "" : Secret.mask) }
        )
    }

    /// `redis://user:password@host:6379/0`, of which only the part before the `@` is secret.
    static var redisURL: Form {
        Form(
            "must be empty or a URL such as redis://10.0.0.5:6379/0 or rediss://user:word@host",
            read: { given in
                guard let text = given.text else { return nil }
                if text.isEmpty { return Secret("") }
                guard let rest = text.after("redis://") ?? text.after("rediss://") else {
                    return nil
                }
                return rest.isURLRest ? Secret(text) : nil
            },
            write: { secret in
                let text = secret.revealedText
                guard let at = text.lastIndex(of: "@"), let scheme = text.firstRange(of: "://")
                else { return TOMLText.quoted(text) }
                return TOMLText.quoted(text[..<scheme.upperBound] + Secret.mask + text[at...])
            }
        )
    }
}

extension Form where Value: RawRepresentable<String> & CaseIterable {
    static var choice: Form {
        let words = Value.allCases.map(\.rawValue)
        return Form(
            "must be one of " + words.joined(separator: ", "),
            read: { $0.text.flatMap(Value.init(rawValue:)) },
            suggest: { $0.text.flatMap { NearMiss.suggestion(for: $0, among: words) } },
            write: { TOMLText.quoted($0.rawValue) }
        )
    }
}

extension Form<LogLevel> {
    static var level: Form {
        let words = LogLevel.allCases.map(\.name)
        return Form(
            "must be one of " + words.joined(separator: ", "),
            read: { $0.text.flatMap(LogLevel.init(name:)) },
            suggest: { $0.text.flatMap { NearMiss.suggestion(for: $0, among: words) } },
            write: { TOMLText.quoted($0.name) }
        )
    }
}

extension Form<SocketAddress> {
    static var socket: Form {
        Form(
            "must be an address and port, such as 127.0.0.1:8065, [::1]:8065 or :8065 for all",
            read: { given in
                guard let text = given.text else { return nil }
                do { return try SocketAddress(text) } catch { return nil }
            },
            suggest: { given in
                switch given.content {
                case .integer(let port) where 1...65_535 ~= port: "\":\(port)\""
                default:
                    given.text.flatMap { text in
                        if let port = text.after("localhost:") { return "127.0.0.1:\(port)" }
                        return UInt16(text).map { ":\($0)" }
                    }
                }
            },
            write: { address in
                let text = address.ip == .any ? ":\(address.port)" : address.description
                return TOMLText.quoted(text)
            }
        )
    }
}

extension Form<IPAddress> {
    static var address: Form {
        Form(
            "must be an IP address, such as 192.0.2.1 or 2001:db8::1",
            read: { given in
                guard let text = given.text else { return nil }
                do { return try IPAddress(text) } catch { return nil }
            },
            write: { TOMLText.quoted($0.description) }
        )
    }
}

extension Form<IPNetwork> {
    static var network: Form {
        Form(
            "must be an IP address or network, such as 10.0.0.0/8",
            read: { given in
                guard let text = given.text else { return nil }
                do { return try IPNetwork(text) } catch { return nil }
            },
            write: { TOMLText.quoted($0.description) }
        )
    }
}

extension Substring {
    fileprivate var isAddressAndPort: Bool {
        let parts = split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, UInt16(parts[1]).map({ $0 > 0 }) ?? false else { return false }
        do {
            _ = try IPAddress(String(parts[0]))
            return true
        } catch {
            return false
        }
    }
}

extension String {
    /// What follows `prefix`, if that is how this begins.
    fileprivate func after(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }

    var hasControls: Bool { utf8.contains { $0 < 0x20 || $0 == 0x7F } }

    /// A host and perhaps a path: nothing that would end or divide a URL.
    fileprivate var isURLRest: Bool {
        guard let first = utf8.first, first != UInt8(ascii: "/") else { return false }
        return utf8.count <= 1_024
            && utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
            && !contains { $0 == "?" || $0 == "#" || $0 == "\"" || $0 == "," }
    }
}
