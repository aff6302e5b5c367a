package import Basics
internal import Glibc
internal import IO
internal import Media

/// Whether a port of another machine can be reached from here, as a caller's would have to.
package struct ReachCheck: Check {
    package enum Door: Sendable {
        /// Something that speaks HTTP.
        case http
        /// A running roost or `roost doctor --answer`, over either transport.
        case mediaTCP
        case mediaUDP
    }

    private let door: Door
    private let address: SocketAddress
    private let patience: Duration

    package init(_ door: Door, _ address: SocketAddress, patience: Duration = .seconds(2)) {
        self.door = door
        self.address = address
        self.patience = patience
    }

    package var name: String {
        switch door {
        case .http: "http, tcp \(address.port)"
        case .mediaTCP: "media, tcp \(address.port)"
        case .mediaUDP: "media, udp \(address.port)"
        }
    }

    package func look() -> Outcome {
        let deadline = Deadline.after(patience)
        switch door {
        case .http:
            switch HealthQuestion.ask(address, patience: patience) {
            case .alive: return .ok("reachable, and alive")
            case .roostInTrouble(let answer):
                return .fail("reachable, but says \(answer)", remedy: "run roost doctor over there")
            case .notRoost: return connect(deadline)
            }
        case .mediaTCP, .mediaUDP: return converse(deadline)
        }
    }

    private func connect(_ deadline: Deadline) -> Outcome {
        do throws(SystemFault) {
            _ = try PatientSocket.connected(to: address, by: deadline)
            return .warn(
                "reachable, but what answers is no roost",
                remedy: "give the port of its http.listen: roost doctor --probe HOST --http-port N"
            )
        } catch {
            return unreachable(error.code, "\(error)")
        }
    }

    private func converse(_ deadline: Deadline) -> Outcome {
        do throws(STUNDialogue.Fault) {
            let isStream = door == .mediaTCP
            var dialogue = try STUNDialogue(
                to: address,
                overTCP: isStream,
                isFramed: true,
                by: deadline
            )
            let answer = try dialogue.ask(.binding, by: deadline, ProbeAnswer.question)
            guard let seen = STUNCheck.mapped(answer) else {
                return .warn("answers, but not as a roost does", remedy: answerer)
            }
            return .ok("reachable; it sees this machine as \(seen.ip)")
        } catch {
            switch error {
            case .system(let fault): return unreachable(fault.code, "\(fault)")
            case .silent: return unreachable(ETIMEDOUT, "\(error)")
            case .closed, .garbled:
                return .warn(
                    "reachable, but nobody answers there as roost does",
                    remedy: answerer
                )
            }
        }
    }

    private func unreachable(_ code: Int32, _ why: String) -> Outcome {
        let transport = door == .mediaUDP ? "udp" : "tcp"
        switch code {
        case ECONNREFUSED:
            return .fail(
                "the machine is reachable, but nobody has this port",
                remedy: door == .http ? "start roost over there" : answerer
            )
        case ETIMEDOUT:
            return .fail(
                "no answer: a firewall or NAT on the way drops it, or nobody has this port",
                remedy: """
                    \(door == .http ? "start roost over there" : answerer)
                    then over there: sudo nft add rule inet filter input \(transport) dport \
                    \(address.port) accept
                    and allow \(transport) \(address.port) in the cloud's security group, or \
                    forward it on the router
                    """
            )
        default:
            return .fail(why, remedy: "check the way there: ip route get \(address.ip)")
        }
    }

    private var answerer: String { "over there: start roost, or roost doctor --answer" }
}
