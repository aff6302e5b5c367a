internal import Basics
internal import IO

/// Commands and replies, one after the other.
struct RedisDialogue: ~Copyable {
    private let socket: PatientSocket
    private let deadline: Deadline
    private var unread: [UInt8] = []

    enum Fault: Error, CustomStringConvertible {
        case system(SystemFault)
        case closed
        case garbled(RedisReply.Fault)
        case refused(String)

        var description: String {
            switch self {
            case .system(let fault): "\(fault)"
            case .closed: "the connection was closed instead of a reply"
            case .garbled(let fault): "what answered is no Redis: \(fault)"
            case .refused(let why): "does not let us in: \(why.prefix(120))"
            }
        }
    }

    /// Why nothing could be asked, as the doctor says it.
    struct Turned: Error {
        var outcome: Outcome

        init(_ outcome: Outcome) {
            self.outcome = outcome
        }

        init(_ fault: Fault, by address: SocketAddress) {
            if case .refused = fault {
                outcome = .fail(
                    "\(fault)",
                    remedy:
                        "set redis.url to redis://user:password@host:port with what its ACL says"
                )
                return
            }
            outcome = .fail(
                "\(address): \(fault)",
                remedy: """
                    start it (sudo systemctl start redis-server), or let TCP to \(address) through
                    redis-cli -h \(address.ip) -p \(address.port) ping    # says PONG if all is well
                    """
            )
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

    /// Connects and says who we are. What stands in the way is thrown as what to say of it.
    static func entering(
        _ url: Secret,
        within patience: Duration
    ) throws(Turned) -> RedisDialogue {
        guard let place = RedisPlace(url.revealedText) else {
            throw Turned(
                .fail("redis.url is none", remedy: "write it as redis://host:6379/0")
            )
        }
        if place.isSecure { throw Turned(.skipped("\(place.host): rediss is not asked")) }
        let deadline = Deadline.after(patience)
        let address = SocketAddress(ip: try lookUp(place.host), port: place.port)
        do throws(Fault) {
            var dialogue = try RedisDialogue(address, by: deadline)
            try dialogue.logIn(place)
            return dialogue
        } catch {
            throw Turned(error, by: address)
        }
    }

    private static func lookUp(_ host: String) throws(Turned) -> IPAddress {
        do throws(Resolver.Fault) {
            guard let ip = try Resolver.addresses(of: host).first else {
                throw Resolver.Fault(name: host, why: "it has no address")
            }
            return ip
        } catch {
            throw Turned(.fail("\(error)", remedy: "correct the name, or its DNS entry"))
        }
    }

    private mutating func logIn(_ place: RedisPlace) throws(Fault) {
        if !place.password.isEmpty {
            let names = place.username.isEmpty ? [] : [Array(place.username.utf8)]
            let words = [Array("AUTH".utf8)] + names + [place.password.revealed]
            if case .error(let why) = try ask(words) { throw .refused(why) }
        }
        if case .error(let why) = try ask("PING") { throw .refused(why) }
    }

    /// The lines of one section of INFO, or nothing if it isn't shown to us.
    mutating func facts(_ section: String) throws(Fault) -> [String: String] {
        guard case .text(let text?) = try ask("INFO", section) else { return [:] }
        var facts: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            facts[String(line[..<colon])] = String(line[line.index(after: colon)...])
        }
        return facts
    }

    /// A setting of the Redis, unless it isn't shown to us.
    mutating func setting(_ name: String) throws(Fault) -> String? {
        guard case .list(let pair) = try ask("CONFIG", "GET", name), pair.count == 2,
            case .text(let value?) = pair[1]
        else { return nil }
        return value
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
