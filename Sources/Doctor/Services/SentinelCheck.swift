package import Basics
internal import IO

/// Whether a sentinel knows the Redis that it is asked for, and could replace it.
package struct SentinelCheck: Check {
    private let place: Endpoint
    private let master: String
    private let password: Secret
    private let patience: Duration

    package init(
        _ place: Endpoint,
        master: String,
        password: Secret,
        patience: Duration = .seconds(2)
    ) {
        self.place = place
        self.master = master
        self.password = password
        self.patience = patience
    }

    package var name: String { "sentinel \(place)" }

    package func look() -> Outcome {
        do throws(Resolver.Fault) {
            guard let ip = try Resolver.addresses(of: place.host).first else {
                return .fail("has no address", remedy: "correct redis.sentinels")
            }
            return look(at: SocketAddress(ip: ip, port: place.port))
        } catch {
            return .fail("\(error)", remedy: "correct redis.sentinels, or its DNS entry")
        }
    }

    private func look(at address: SocketAddress) -> Outcome {
        do throws(RedisDialogue.Fault) {
            var dialogue = try RedisDialogue(address, by: .after(patience))
            if !password.isEmpty {
                var login = RedisCommand("AUTH")
                login.append(password.revealed)
                if let why = try dialogue.ask(login).refusal { return refused(why) }
            }
            let question = RedisCommand("SENTINEL get-master-addr-by-name", master)
            let found = try dialogue.ask(question)
            if let why = found.refusal { return refused(why) }
            guard let parts = found.elements, parts.count == 2, let host = parts[0].text,
                let port = parts[1].text
            else {
                return .fail(
                    "does not know \"\(master)\"",
                    remedy: "set redis.sentinel_master to what its sentinel.conf monitors"
                )
            }
            if let why = try dialogue.ask(RedisCommand("SENTINEL ckquorum", master)).refusal {
                return .warn(
                    "says \(host):\(port), but could not replace it: \(why.prefix(120))",
                    remedy: "start the other sentinels; a majority of them has to agree"
                )
            }
            return .ok("says \(host):\(port), and could replace it")
        } catch {
            return .fail(
                "\(error)",
                remedy: "start it (sudo systemctl start redis-sentinel), or let TCP to it through"
            )
        }
    }

    private func refused(_ why: String) -> Outcome {
        .fail(
            "does not let us in: \(why.prefix(120))",
            remedy: "set redis.sentinel_password to its requirepass"
        )
    }
}
