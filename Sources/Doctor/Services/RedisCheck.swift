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
        let place: RedisPlace
        do throws(RedisPlaceFault) {
            place = try RedisPlace(url.revealedText)
        } catch {
            return .fail("redis.url: \(error)", remedy: "write it as redis://host:6379/0")
        }
        guard case .plain(let host) = place.way else {
            return .skipped("\(place): sentinels are not asked")
        }
        if place.isSecure { return .skipped("\(host.name): rediss is not asked") }
        let deadline = Deadline.after(patience)
        do throws(Resolver.Fault) {
            guard let ip = try Resolver.addresses(of: host.name).first else {
                return .fail("\(host.name) has no address", remedy: "correct its name")
            }
            let address = SocketAddress(ip: ip, port: host.port)
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
                var login = RedisCommand("AUTH", place.username.isEmpty ? [] : [place.username])
                login.append(place.password.revealed)
                if case .error(let code, let why) = try dialogue.ask(login) {
                    return refused("\(code) \(why)")
                }
            }
            if case .error(let code, let why) = try dialogue.ask(RedisCommand("PING")) {
                return refused("\(code) \(why)")
            }
            let text = try dialogue.ask(RedisCommand("INFO", "server")).text ?? ""
            let line = text.split(whereSeparator: \.isNewline)
                .first { $0.hasPrefix("redis_version:") }
            return judge(
                line.map { String($0.dropFirst(14)) } ?? "unknown",
                policy: try dialogue.ask(RedisCommand("CONFIG GET", "maxmemory-policy"))
            )
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

    private func judge(_ version: String, policy: RedisValue) -> Outcome {
        let major = Int(version.prefix { $0 != "." }) ?? 0
        guard major >= 6 else {
            return .warn("version \(version)", remedy: "upgrade to Redis 6.2 or newer")
        }
        guard let policy = policy["maxmemory-policy"]?.text else {
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

/// Commands and replies, one after the other.
struct RedisDialogue: ~Copyable {
    private let socket: PatientSocket
    private let deadline: Deadline
    private var reader = RedisReader(limit: 64 << 10)

    enum Fault: Error, CustomStringConvertible {
        case system(SystemFault)
        case closed
        case garbled(RedisReader.Fault)

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
