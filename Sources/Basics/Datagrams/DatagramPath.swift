/// Where a datagram came from and through which of our doors, and so where its answer goes.
package struct DatagramPath: Hashable, Sendable {
    package var remote: SocketAddress
    /// Which of our sockets.
    package var local: UInt16
    /// Zero for UDP, else the number of a TCP connection.
    package var stream: UInt32

    package init(remote: SocketAddress, local: UInt16, stream: UInt32) {
        self.remote = remote
        self.local = local
        self.stream = stream
    }
}
