internal import Basics
internal import IO

/// Commands to a Redis and its answers, one after the other.
struct RedisDialogue: ~Copyable {
    private let socket: PatientSocket
    private let deadline: Deadline
    private var reader = RedisReader(limit: 64 << 10)

    enum Fault: Error, CustomStringConvertible {
        case system(SystemFault)
        case closed
        case garbled(RedisReader.Fault)
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
        let place: RedisPlace
        do throws(RedisPlaceFault) {
            place = try RedisPlace(url.revealedText)
        } catch {
            throw Turned(.fail("redis.url: \(error)", remedy: "write it as redis://host:6379/0"))
        }
        guard case .plain(let host) = place.way else {
            throw Turned(.skipped("\(place): sentinels are not asked"))
        }
        if place.isSecure { throw Turned(.skipped("\(host.name): rediss is not asked")) }
        let deadline = Deadline.after(patience)
        let address = SocketAddress(ip: try lookUp(host.name), port: host.port)
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
            var login = RedisCommand("AUTH", place.username.isEmpty ? [] : [place.username])
            login.append(place.password.revealed)
            if let why = try ask(login).refusal { throw .refused(why) }
        }
        if let why = try ask(RedisCommand("PING")).refusal { throw .refused(why) }
    }

    /// The lines of one section of INFO, or nothing if it isn't shown to us.
    mutating func facts(_ section: String) throws(Fault) -> [String: String] {
        let text = try ask(RedisCommand("INFO", section)).text ?? ""
        var facts: [String: String] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            facts[String(line[..<colon])] = String(line[line.index(after: colon)...])
        }
        return facts
    }

    /// A setting of the Redis, unless it isn't shown to us.
    mutating func setting(_ name: String) throws(Fault) -> String? {
        try ask(RedisCommand("CONFIG GET", name))[name]?.text
    }

    mutating func ask(_ command: RedisCommand) throws(Fault) -> RedisValue {
        var bytes: [UInt8] = []
        command.write(to: &bytes)
        do throws(SystemFault) {
            try socket.send(bytes, by: deadline)
        } catch {
            throw .system(error)
        }
        while true {
            if let answer = try nextAnswer() { return answer }
            try readMore()
        }
    }

    private mutating func nextAnswer() throws(Fault) -> RedisValue? {
        do throws(RedisReader.Fault) {
            return try reader.next()
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
        do throws(RedisReader.Fault) {
            try reader.receive(piece.span)
        } catch {
            throw .garbled(error)
        }
    }
}

extension RedisValue {
    /// The words of an error, if that is what was answered.
    var refusal: String? {
        guard case .error(let code, let text) = self else { return nil }
        return "\(code) \(text)"
    }
}
