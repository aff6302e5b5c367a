internal import Basics
internal import CLinux
internal import IO

/// Where the machines of a drill stand: all on the loopback, where everybody may, or each in a network of its
/// own, whose packets the tool carries and can hold up.
final class ChaosGround {
    /// Where one machine is.
    struct Spot: Sendable {
        let address: IPAddress
        /// Its number in the yard; nil on the loopback.
        let machine: Int?
        /// The network to start its processes in; nil for the tool's own.
        let space: Int32?
    }

    let yard: PacketYard?
    /// Where people come from.
    let people: IPAddress

    /// On the first thread, before any other is started but those that never speak to a machine.
    init(isApart: Bool, seed: UInt64) throws {
        guard isApart else {
            yard = nil
            people = IPAddress(v4: 0x7F00_0002)
            return
        }
        let yard = PacketYard(seed: seed)
        let own = try yard.addMachine()
        self.yard = yard
        people = own.address
        home = own.space
        peoplesMachine = own.index
    }

    private var home: Int32?
    private(set) var peoplesMachine: Int?

    func spot() throws -> Spot {
        guard let yard, let home else {
            return Spot(address: .loopback, machine: nil, space: nil)
        }
        let machine = try yard.addMachine()
        guard roost_enter_network(home) == 0 else { throw SystemFault.last("return to a network") }
        return Spot(address: machine.address, machine: machine.index, space: machine.space)
    }

    /// A port of that machine that nobody has: the usual one where the machine is its only user's.
    func port(_ usual: UInt16, at spot: Spot) throws -> UInt16 {
        spot.machine == nil ? try Workbench.freePort() : usual
    }

    /// Begins to carry packets. All machines are there.
    func begin() throws { try yard?.begin() }

    func end() { yard?.end() }
}
