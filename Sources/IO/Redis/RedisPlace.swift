package import Basics

/// Where a Redis is, and as whom to go there.
///
///     redis://user:password@host:6379/0                        one server
///     rediss://…                                               the same under TLS
///     redis+sentinel://user:password@s1:26379,s2,s3/master/0   the master that sentinels name
///     rediss+sentinel://…                                      all of it under TLS
package struct RedisPlace: Equatable, Sendable {
    package enum Way: Equatable, Sendable {
        case plain(RedisHost)
        /// The sentinels of the deployment, all of them, and by which name they know the master.
        case sentinels([RedisHost], master: String)
    }

    package var way: Way
    /// Empty for the default user.
    package var username: String
    /// Empty for none.
    package var password: Secret
    /// Sentinels have users of their own; most have none.
    package var sentinelUsername = ""
    package var sentinelPassword = Secret("")
    package var database: Int
    package var isSecure: Bool

    package init(
        _ way: Way,
        username: String = "",
        password: Secret = Secret(""),
        database: Int = 0,
        isSecure: Bool = false
    ) {
        self.way = way
        self.username = username
        self.password = password
        self.database = database
        self.isSecure = isSecure
    }

    package static let usualPort: UInt16 = 6_379
    package static let usualSentinelPort: UInt16 = 26_379

    /// Reads a URL as above. Names and passwords may hold `%2F` and its like (RFC 3986 section 2.1).
    package init(_ url: String) throws(RedisPlaceFault) {
        let parts = url.split(separator: "://", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let scheme = Self.schemes[String(parts[0])] else {
            throw .scheme
        }
        var rest = parts[1]
        (username, password) = ("", Secret(""))
        if let at = rest.lastIndex(of: "@") {
            let words = rest[..<at].split(
                separator: ":",
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            username = String(decoding: Self.unescaped(words.first ?? ""), as: UTF8.self)
            if words.count > 1 { password = Secret(Self.unescaped(words[1])) }
            rest = rest[rest.index(after: at)...]
        }
        var path = rest.split(separator: "/", omittingEmptySubsequences: false)
        let hosts = path.removeFirst()
        isSecure = scheme.isSecure
        if scheme.isSentinel {
            guard let master = path.first, !master.isEmpty else { throw .master }
            path.removeFirst()
            way = .sentinels(
                try Self.hosts(hosts, usual: Self.usualSentinelPort),
                master: String(decoding: Self.unescaped(master), as: UTF8.self)
            )
        } else {
            guard let host = RedisHost(String(hosts), usual: Self.usualPort) else { throw .host }
            way = .plain(host)
        }
        guard let number = path.first, !number.isEmpty else {
            database = 0
            guard path.count <= 1 else { throw .database }
            return
        }
        guard path.count == 1, let database = Int(number), (0..<1 << 20).contains(database) else {
            throw .database
        }
        self.database = database
    }

    private static let schemes: [String: (isSecure: Bool, isSentinel: Bool)] = [
        "redis": (false, false), "rediss": (true, false),
        "redis+sentinel": (false, true), "rediss+sentinel": (true, true),
    ]

    private static func hosts(
        _ text: Substring,
        usual: UInt16
    ) throws(RedisPlaceFault) -> [RedisHost] {
        var hosts: [RedisHost] = []
        for word in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let host = RedisHost(String(word), usual: usual) else { throw .host }
            guard !hosts.contains(host) else { throw .twice }
            hosts.append(host)
        }
        guard hosts.count <= mostSentinels else { throw .tooMany(limit: mostSentinels) }
        return hosts
    }

    private static let mostSentinels = 16

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

extension RedisPlace: CustomStringConvertible {
    /// Without names and secrets.
    package var description: String {
        switch way {
        case .plain(let host): "Redis \(host)"
        case .sentinels(_, let master): "Redis master \(master)"
        }
    }
}

/// A host and a port, as an operator or a sentinel has named them.
package struct RedisHost: Hashable, Sendable, CustomStringConvertible {
    package var name: String
    package var port: UInt16

    package init(name: String, port: UInt16) {
        self.name = name
        self.port = port
    }

    package init?(_ text: String, usual: UInt16) {
        guard let (name, port) = HostAndPort.split(text, usual: usual), !name.isEmpty, port > 0
        else { return nil }
        self.init(name: name, port: port)
    }

    package var description: String { name.contains(":") ? "[\(name)]:\(port)" : "\(name):\(port)" }
}

/// Why a text says nowhere. It never shows the text, which may hold a password.
package enum RedisPlaceFault: Error, Equatable, Sendable, CustomStringConvertible {
    case scheme
    case host
    case twice
    case tooMany(limit: Int)
    case master
    case database

    package var description: String {
        switch self {
        case .scheme:
            "it begins with none of redis:// rediss:// redis+sentinel:// rediss+sentinel://"
        case .host: "it has no host, or a wrong port; write host or host:6379"
        case .twice: "it names a sentinel twice"
        case .tooMany(let limit): "it names more than \(limit) sentinels"
        case .master:
            "after the sentinels it wants the name of the master: redis+sentinel://s1,s2,s3/NAME"
        case .database: "after the host it wants the number of a database, such as /0, or nothing"
        }
    }
}
