package import Basics
internal import Glibc
internal import IO

/// Whether a Redis can be reached, lets us in, and keeps what it is given.
package struct RedisCheck: Check {
    private let url: Secret
    private let patience: Duration

    /// `redis://user:password@host:port/0`, secret for the sake of its password.
    package init(_ url: Secret, patience: Duration = .seconds(2)) {
        self.url = url
        self.patience = patience
    }

    package var name: String { "redis" }

    package func look() -> Outcome {
        guard let place = RedisPlace(url.revealedText) else {
            return .fail("redis.url is none", remedy: "write it as redis://host:6379/0")
        }
        if place.isSecure { return .skipped("\(place.host): rediss is not asked") }
        let deadline = Deadline.after(patience)
        do throws(Resolver.Fault) {
            guard let ip = try Resolver.addresses(of: place.host).first else {
                return .fail("\(place.host) has no address", remedy: "correct its name")
            }
            let address = SocketAddress(ip: ip, port: place.port)
            return look(at: address, place, deadline)
        } catch {
            return .fail("\(error)", remedy: "correct the name, or its DNS entry")
        }
    }

    private func look(
        at address: SocketAddress,
        _ place: RedisPlace,
        _ deadline: Deadline
    ) -> Outcome {
        do throws(RedisDialogue.Fault) {
            var dialogue = try RedisDialogue(address, by: deadline)
            if !place.password.isEmpty {
                let names = place.username.isEmpty ? [] : [Array(place.username.utf8)]
                let words = [Array("AUTH".utf8)] + names + [place.password.revealed]
                if case .error(let why) = try dialogue.ask(words) { return refused(why) }
            }
            if case .error(let why) = try dialogue.ask("PING") { return refused(why) }
            var version = "unknown"
            if case .text(let text?) = try dialogue.ask("INFO", "server") {
                let line = text.split(whereSeparator: \.isNewline)
                    .first { $0.hasPrefix("redis_version:") }
                version = line.map { String($0.dropFirst(14)) } ?? version
            }
            return judge(version, policy: try dialogue.ask("CONFIG", "GET", "maxmemory-policy"))
        } catch {
            return .fail(
                "\(address): \(error)",
                remedy: """
                    start it (sudo systemctl start redis-server), or let TCP to \(address) through
                    redis-cli -h \(address.ip) -p \(address.port) ping    # says PONG if all is well
                    """
            )
        }
    }

    private func judge(_ version: String, policy: RedisReply) -> Outcome {
        let major = Int(version.prefix { $0 != "." }) ?? 0
        guard major >= 6 else {
            return .warn("version \(version)", remedy: "upgrade to Redis 6.2 or newer")
        }
        guard case .list(let pair) = policy, pair.count == 2, case .text(let policy?) = pair[1]
        else {
            return .ok("version \(version); it doesn't show its maxmemory-policy")
        }
        guard policy == "noeviction" else {
            return .warn(
                "version \(version), maxmemory-policy \(policy): it may forget who hosts a call",
                remedy: """
                    redis-cli config set maxmemory-policy noeviction
                    and in redis.conf: maxmemory-policy noeviction
                    """
            )
        }
        return .ok("version \(version), maxmemory-policy noeviction")
    }

    private func refused(_ why: String) -> Outcome {
        .fail(
            "does not let us in: \(why.prefix(120))",
            remedy: "set redis.url to redis://user:password@host:port with what its ACL says"
        )
    }
}

/// `redis://user:password@host:port/0`
struct RedisPlace {
    var host: String
    var port: UInt16
    var username = ""
    var password = Secret("")
    var isSecure: Bool

    init?(_ url: String) {
        isSecure = url.hasPrefix("rediss://")
        var rest = url[...]
        for scheme in ["redis://", "rediss://"] where rest.hasPrefix(scheme) {
            rest = rest.dropFirst(scheme.count)
        }
        if let at = rest.lastIndex(of: "@") {
            let parts = rest[..<at].split(
                separator: ":",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            username = String(decoding: Self.unescaped(parts.first ?? ""), as: UTF8.self)
            password = Secret(Self.unescaped(parts.count > 1 ? parts[1] : ""))
            rest = rest[rest.index(after: at)...]
        }
        let place = String(rest.prefix { $0 != "/" && $0 != "?" })
        guard let (host, port) = HostAndPort.split(place, usual: 6_379) else { return nil }
        self.host = host
        self.port = port
    }

    /// Without `%2F` and its like (RFC 3986 section 2.1).
    private static func unescaped(_ text: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return bytes
    }
}

/// Commands and replies, one after the other.
struct RedisDialogue: ~Copyable {
    private let socket: PatientSocket
    private let deadline: Deadline
    private var unread: [UInt8] = []

    enum Fault: Error, CustomStringConvertible {
        case system(SystemFault)
        case closed
        case garbled(RedisReply.Fault)

        var description: String {
            switch self {
            case .system(let fault): "\(fault)"
            case .closed: "the connection was closed instead of a reply"
            case .garbled(let fault): "what answered is no Redis: \(fault)"
            }
        }
    }

    init(_ address: SocketAddress, by deadline: Deadline) throws(Fault) {
        self.deadline = deadline
        do throws(SystemFault) {
            socket = try PatientSocket.connected(to: address, by: deadline)
        } catch {
            throw .system(error)
        }
    }

    mutating func ask(_ words: String...) throws(Fault) -> RedisReply {
        try ask(words.map { Array($0.utf8) })
    }

    mutating func ask(_ words: [[UInt8]]) throws(Fault) -> RedisReply {
        var command = Array("*\(words.count)\r\n".utf8)
        for word in words {
            command += Array("$\(word.count)\r\n".utf8) + word + [13, 10]
        }
        do throws(SystemFault) {
            try socket.send(command, by: deadline)
        } catch {
            throw .system(error)
        }
        while true {
            if let reply = try nextReply() { return reply }
            try readMore()
        }
    }

    private mutating func nextReply() throws(Fault) -> RedisReply? {
        do throws(RedisReply.Fault) {
            guard let found = try RedisReply.parse(unread.span) else { return nil }
            unread.removeFirst(found.size)
            return found.reply
        } catch {
            throw .garbled(error)
        }
    }

    private mutating func readMore() throws(Fault) {
        let piece: [UInt8]
        do throws(SystemFault) {
            piece = try socket.receive(atMost: 16 << 10, by: deadline)
        } catch {
            throw .system(error)
        }
        guard !piece.isEmpty else { throw .closed }
        unread += piece
    }
}
