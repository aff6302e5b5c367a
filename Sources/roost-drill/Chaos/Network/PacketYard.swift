internal import Basics
internal import CLinux
internal import Glibc
internal import IO
internal import Synchronization

/// What lies between the machines of a drill: each machine is a network of its own with one interface, whose
/// packets all come here, and go on as the condition of their way wants.
///
///     machine ── packets ──▶ yard ──▶ machine          a PacketPath for each pair and direction
///
/// The networks belong to this process and whatever it has started: they go with the last of them, nothing of
/// the machine's own network is touched, and nothing can be reached from within but the other machines.
final class PacketYard: @unchecked Sendable {
    /// One machine's network.
    struct Machine: Sendable {
        let index: Int
        let address: IPAddress
        /// The network, to start processes in.
        let space: Int32
        fileprivate let packets: Int32
    }

    private struct State {
        /// How much later than it should have it has looked, at worst: all packets waited for so long.
        var stall = Duration.zero
        /// From each machine to each.
        var paths: [[PacketPath]] = []
        var random: SeededRandom
        var isOver = false
    }

    private let state: Mutex<State>
    private var machines: [Machine] = []
    private var thread: pthread_t?

    // On the thread.
    private var late: [LatePacket] = []
    private var order: UInt64 = 0

    private struct LatePacket {
        var due: Instant
        var order: UInt64
        var machine: Int
        var bytes: [UInt8]
    }

    /// Void where this process may not have networks of its own.
    init(seed: UInt64) {
        state = Mutex(State(random: SeededRandom(seed: seed)))
    }

    /// Makes a network for one more machine. The calling thread is in it from then on, and so are the threads
    /// and processes that it starts.
    func addMachine() throws -> Machine {
        guard roost_leave_network() == 0 else {
            throw DrillVoid(
                """
                networks of its own are refused to this process (\(SystemFault.last("make a network"))); run \
                as root, or under: unshare --user --map-root-user --net
                """
            )
        }
        let index = machines.count
        let bits = Self.firstAddress + UInt32(index)
        let packets = unsafe open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC)
        guard packets >= 0 else {
            throw DrillVoid("\(SystemFault.last("open /dev/net/tun")); is the module tun loaded?")
        }
        let socket = Glibc.socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        defer { close(socket) }
        guard roost_furnish_network(packets, socket, bits) == 0 else {
            throw DrillVoid("\(SystemFault.last("set up a network of its own"))")
        }
        let space = unsafe open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)
        guard space >= 0 else { throw SystemFault.last("open a network") }
        let machine = Machine(
            index: index,
            address: IPAddress(v4: bits),
            space: space,
            packets: packets
        )
        machines.append(machine)
        state.withLock { state in
            for one in state.paths.indices { state.paths[one].append(PacketPath()) }
            state.paths.append(Array(repeating: PacketPath(), count: machines.count))
        }
        return machine
    }

    /// Carries packets from now on, until ``end()``. No more machines come.
    func begin() throws {
        var new = pthread_t()
        let context = unsafe Unmanaged.passRetained(self).toOpaque()
        let status = unsafe pthread_create(
            &new,
            nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<PacketYard>.fromOpaque(context).takeRetainedValue().run()
                return nil
            },
            context
        )
        guard status == 0 else { throw SystemFault(doing: "start a thread", code: status) }
        thread = new
    }

    func end() {
        state.withLock { $0.isOver = true }
        if let thread { pthread_join(thread, nil) }
        thread = nil
        for machine in machines {
            close(machine.packets)
            close(machine.space)
        }
        machines = []
    }

    // MARK: - Conditions

    func cut(from one: Int, to other: Int, by count: Int) {
        state.withLock { $0.paths[one][other].cuts += count }
    }

    func set(_ condition: PathCondition, from one: Int, to other: Int) {
        state.withLock { $0.paths[one][other].condition = condition }
    }

    var longestStall: Duration { state.withLock { $0.stall } }

    func counts(from one: Int, to other: Int) -> PacketPath.Counts {
        state.withLock { $0.paths[one][other].counts }
    }

    // MARK: - On the thread

    private func run() {
        // What carries everybody's packets goes before what sends them, where that is allowed.
        _ = setpriority(Int32(PRIO_PROCESS.rawValue), 0, -15)
        var polls = machines.map { pollfd(fd: $0.packets, events: Int16(POLLIN), revents: 0) }
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            if state.withLock({ $0.isOver }) { return }
            let before = Loop.readClock()
            _ = unsafe poll(&polls, nfds_t(polls.count), wait)
            note(turnOf: Loop.readClock() - before)
            for index in polls.indices where polls[index].revents != 0 {
                // A batch each, then the others.
                for _ in 0..<64 {
                    let count = unsafe read(polls[index].fd, &buffer, buffer.count)
                    guard count > 0 else { break }
                    take(buffer[..<count], from: index)
                }
            }
            deliver()
        }
    }

    private func note(turnOf time: Duration) {
        let late = time - .milliseconds(Int64(Self.longestWait))
        guard late > .zero else { return }
        state.withLock { $0.stall = max($0.stall, late) }
    }

    /// Milliseconds until the next packet is due, or until it is time to see whether it is over.
    private var wait: Int32 {
        guard let first = late.first else { return Self.longestWait }
        let left = (first.due - Loop.readClock()) / .milliseconds(1)
        return left <= 0 ? 0 : Int32(min(left.rounded(.up), Double(Self.longestWait)))
    }

    private func take(_ packet: ArraySlice<UInt8>, from sender: Int) {
        guard let receiver = receiver(of: packet) else { return }
        let now = Loop.readClock()
        let fate = state.withLock { state in
            state.paths[sender][receiver].take(
                bytes: packet.count,
                at: now,
                using: &state.random
            )
        }
        guard case .arrives(let due) = fate else { return }
        if due <= now { return write(packet, to: receiver) }
        guard late.count < Self.mostLate else { return }
        order += 1
        push(LatePacket(due: due, order: order, machine: receiver, bytes: Array(packet)))
    }

    /// Which machine has the packet's destination; nil for none, as of IPv6's greetings.
    private func receiver(of packet: ArraySlice<UInt8>) -> Int? {
        guard packet.count >= 20, packet[packet.startIndex] >> 4 == 4 else { return nil }
        let destination = packet[packet.startIndex + 16..<packet.startIndex + 20]
            .reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        guard destination >= Self.firstAddress else { return nil }
        let index = Int(destination - Self.firstAddress)
        return index < machines.count ? index : nil
    }

    private func write(_ packet: ArraySlice<UInt8>, to machine: Int) {
        // A full queue loses it, as a wire would.
        _ = unsafe packet.withUnsafeBytes { bytes in
            unsafe Glibc.write(machines[machine].packets, bytes.baseAddress, bytes.count)
        }
    }

    private func deliver() {
        while let first = late.first, first.due <= Loop.readClock() {
            pop()
            write(first.bytes[...], to: first.machine)
        }
    }

    // MARK: - A heap, the earliest first

    private func isBefore(_ one: Int, _ other: Int) -> Bool {
        (late[one].due, late[one].order) < (late[other].due, late[other].order)
    }

    private func push(_ packet: LatePacket) {
        late.append(packet)
        var child = late.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            late.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private func pop() {
        late.swapAt(0, late.count - 1)
        late.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < late.count && isBefore(child, least) {
                least = child
            }
            guard least != parent else { return }
            late.swapAt(parent, least)
            parent = least
        }
    }

    /// 10.77.0.1
    private static let firstAddress: UInt32 = 0x0A4D_0001
    private static let longestWait: Int32 = 10
    private static let mostLate = 100_000
}
