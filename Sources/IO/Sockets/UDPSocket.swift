package import Basics
internal import CLinux
internal import Glibc

/// A bound UDP socket on a loop: each datagram is handed over as it comes, and answers go straight
/// out.
///
/// A datagram that the kernel has no room for is lost, as on any network; the caller is told.
package final class UDPSocket: LoopHandler, @unchecked Sendable {
    package typealias Receive = @Sendable (_ datagram: Span<UInt8>, _ from: SocketAddress) -> Void

    package let bound: SocketAddress
    private let loop: Loop
    private let descriptor: Int32
    private let receive: Receive
    private var registration: Loop.Registration?

    package init(
        on address: SocketAddress,
        loop: Loop,
        receive: @escaping Receive
    ) throws(SystemFault) {
        (descriptor, bound) = try Socket.datagrams(on: address)
        self.loop = loop
        self.receive = receive
    }

    deinit {
        Glibc.close(descriptor)
    }

    /// Begins to receive. On the loop.
    package func open() throws(SystemFault) {
        registration = try loop.register(descriptor, handler: self)
    }

    /// Stops receiving. On the loop.
    package func close() {
        guard let registration else { return }
        loop.deregister(registration, descriptor)
        self.registration = nil
    }

    /// Sends one datagram. False if the kernel did not take it.
    @discardableResult
    package func send(_ datagram: Span<UInt8>, to address: SocketAddress) -> Bool {
        let target = KernelAddress(address, mappedToIPv6: bound.ip.v4Bits == nil)
        return unsafe datagram.withUnsafeBytes { bytes in
            unsafe target.withPointer { address, length in
                unsafe sendto(
                    descriptor,
                    bytes.baseAddress,
                    bytes.count,
                    Int32(MSG_NOSIGNAL),
                    address,
                    length
                ) == bytes.count
            }
        }
    }

    package func isReady(_ readiness: Readiness, at now: Instant) {
        let room = unsafe loop.scratch.incoming
        for _ in 0..<Self.datagramsPerTurn {
            var source = KernelAddress()
            let count = unsafe source.withMutablePointer {
                unsafe recvfrom(descriptor, room.baseAddress, room.count, 0, $0, $1)
            }
            if count >= 0 {
                guard let from = source.address else { continue }
                let bytes = unsafe UnsafeRawBufferPointer(rebasing: room[..<count])
                receive(unsafe Span<UInt8>(_unsafeBytes: bytes), from)
            } else if errno == EAGAIN {
                return
            }
            // Any other error is news about an earlier datagram (a port unreachable); go on.
        }
        if let registration { loop.revisit(registration) }
    }

    package func isDue(at now: Instant) {}

    private static let datagramsPerTurn = 64
}
