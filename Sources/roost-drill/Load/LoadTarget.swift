internal import Basics
internal import Glibc
internal import IO

/// A server that a load goes to, and how people come to it.
protocol LoadTarget {
    var address: SocketAddress { get }
    /// The process whose time and memory are counted, if it is known.
    var pid: pid_t? { get }
    /// Where people have their own sockets.
    var home: IPAddress { get throws }
    var subprotocols: [String] { get }

    /// Who comes, in the order in which they do. Those of one wave come when all of the one before are in.
    func waves(of plan: LoadPlan) -> [[LoadNewcomer]]
    func end()
}

/// One who is to come.
struct LoadNewcomer {
    var path: String
    /// Lines by which they are known.
    var fields: () throws -> [String]
    var guest: (_ random: SeededRandom, _ start: Instant) -> any LoadGuest
}
