internal import Basics
internal import Cluster
internal import Coordination
internal import Glibc
internal import IO
internal import Wire

/// `roost-drill claimant`: one member of a second cluster beside that of a drill, in the same Redis and on the
/// same machines, so that the same befalls it. It claims places and grabs mutexes as a node does, by the same
/// code, and writes down what it had when. `roost-drill chaos` starts one beside each node.
enum ClaimantCommand {
    static let help = """
        roost-drill claimant --name NAME --redis URL --listen ADDRESS --secret TEXT [--timers lan|wan]

        What `roost-drill chaos` starts beside each node: it claims places and grabs mutexes in a cluster of its
        own, and says what it had and when, a line of JSON each. It ends when it is told to.
        """

    struct Terms {
        var name = "claimant"
        var redis = ""
        var listen = SocketAddress(ip: .loopback, port: 0)
        var secret = ""
        var pace = Pace.lan
    }

    /// Never returns but by a fault: whoever started it ends it.
    static func run(_ arguments: [String]) async throws {
        var terms = Terms()
        var rest = arguments[...]
        while let option = rest.popFirst() {
            guard let value = rest.popFirst() else {
                throw DrillFault("\(option) is not known, or needs a value\n\n\(help)", code: 2)
            }
            switch option {
            case "--name": terms.name = value
            case "--redis": terms.redis = value
            case "--secret": terms.secret = value
            case "--timers": terms.pace = value == "wan" ? .wan : .lan
            case "--listen":
                guard let address = try? SocketAddress(value) else {
                    throw DrillFault("--listen needs an address, such as 10.0.0.1:7000", code: 2)
                }
                terms.listen = address
            default: throw DrillFault("there is no option \(option)\n\n\(help)", code: 2)
            }
        }
        let claimant = try Claimant(terms)
        await claimant.run()
    }
}
