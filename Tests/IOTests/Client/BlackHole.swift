import Basics
import Glibc
import IO

/// An address on loopback that answers nothing to whoever connects, as one behind a firewall that
/// drops: its queue is full, and nobody takes from it.
final class BlackHole {
    private let descriptors: [Int32]

    init(_ ip: String, port: UInt16) throws {
        let address = SocketAddress(ip: try IPAddress(ip), port: port)
        var descriptors = [try Socket.listen(on: address, backlog: 0).descriptor]
        for _ in 0..<3 { descriptors.append(try Socket.connect(to: address)) }
        self.descriptors = descriptors
    }

    deinit {
        for descriptor in descriptors { close(descriptor) }
    }
}
