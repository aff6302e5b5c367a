package import Basics
internal import Glibc
internal import IO

/// Whether Roost can have a port, or has it already.
package struct PortCheck: Check {
    package enum Transport: String, Sendable {
        case tcp
        case udp
    }

    private let transport: Transport
    private let address: SocketAddress
    private let setting: String
    private let asksHealth: Bool
    private let files: MachineFiles

    /// `setting` is what to change if the port is somebody else's. A listener that serves
    /// `/healthz` is asked for it.
    package init(
        _ transport: Transport,
        _ address: SocketAddress,
        setting: String,
        asksHealth: Bool = false,
        files: MachineFiles = MachineFiles()
    ) {
        self.transport = transport
        self.address = address
        self.setting = setting
        self.asksHealth = asksHealth
        self.files = files
    }

    package var name: String { "\(transport) port \(address.port)" }

    package func look() -> Outcome {
        do throws(SystemFault) {
            switch transport {
            case .tcp: _ = try PatientSocket.listening(on: address)
            case .udp: _ = try PatientSocket.datagrams(on: address)
            }
            return .ok("free (\(setting))")
        } catch {
            return explain(error)
        }
    }

    private func explain(_ fault: SystemFault) -> Outcome {
        switch fault.code {
        case EADDRINUSE: return taken()
        case EACCES:
            return .fail(
                "a port below 1024 is for root",
                remedy: """
                    sudo setcap cap_net_bind_service=+ep "$(command -v roost)"
                    or set \(setting) to a port above 1023
                    """
            )
        case EADDRNOTAVAIL:
            return .fail(
                "\(address.ip) is not an address of this machine",
                remedy: "set \(setting) to one of its own addresses, or to :\(address.port) for all"
            )
        default:
            return .fail(
                "\(fault)",
                remedy: "set \(setting) to an address and port that this machine can have"
            )
        }
    }

    private func taken() -> Outcome {
        let holder = PortHolder.find(address.port, isStream: transport == .tcp, in: files)
        if asksHealth {
            switch HealthQuestion.ask(address) {
            case .alive: return .ok("held by a roost that is alive")
            case .roostInTrouble(let answer):
                return .fail(
                    "held by a roost whose /healthz says \(answer)",
                    remedy: "read its log, then restart it: sudo systemctl restart roost"
                )
            case .notRoost: break
            }
        } else if let holder, holder.command == "roost" {
            return .ok("held by a running roost (process \(holder.process))")
        }
        guard let holder else {
            let flag = transport == .tcp ? "t" : "u"
            return .fail(
                "taken by a process that is not ours to see",
                remedy: """
                    sudo ss -l\(flag)pn 'sport = :\(address.port)'    # says which
                    or set \(setting) to another port
                    """
            )
        }
        return .fail(
            "taken by \(holder.command) (process \(holder.process))",
            remedy: "stop it (kill \(holder.process)), or set \(setting) to another port"
        )
    }
}

/// Asks whoever listens somewhere whether it is a roost, and well.
enum HealthQuestion {
    enum Answer: Equatable {
        case alive
        case roostInTrouble(String)
        case notRoost
    }

    static func ask(_ listener: SocketAddress, patience: Duration = .seconds(2)) -> Answer {
        let deadline = Deadline.after(patience)
        let loopback: IPAddress = listener.ip.family == .v4 ? .loopback : .loopbackV6
        // What listens on all addresses, of both families, listens on the older loopback too.
        let ip =
            listener.ip == .any ? .loopback : listener.ip.isUnspecified ? loopback : listener.ip
        let address = SocketAddress(ip: ip, port: listener.port)
        do throws(SystemFault) {
            let socket = try PatientSocket.connected(to: address, by: deadline)
            let request = "GET /healthz HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n\r\n"
            try socket.send(Array(request.utf8), by: deadline)
            var answer: [UInt8] = []
            while answer.count < 512 {
                let piece = try socket.receive(by: deadline)
                if piece.isEmpty || answer.contains(10) { break }
                answer += piece
            }
            let line = answer.prefix { $0 != 13 && $0 != 10 }
            return judge(String(decoding: line, as: UTF8.self))
        } catch {
            return .notRoost
        }
    }

    /// `HTTP/1.1 200 OK`
    private static func judge(_ statusLine: String) -> Answer {
        let words = statusLine.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0].hasPrefix("HTTP/1.") else { return .notRoost }
        switch words[1] {
        case "200": return .alive
        case "404", "400", "426": return .notRoost
        default: return .roostInTrouble(words.dropFirst().joined(separator: " "))
        }
    }
}
