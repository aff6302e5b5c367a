/// The way between one of our sockets and a peer's: what a datagram came by, and the answer goes by.
///
/// Thirty-two bytes without references, so that it can be written beside every packet and compared
/// with the previous one for less than a nanosecond.
@usableFromInline
package struct DatagramPath: Hashable, Sendable {
    @usableFromInline package var remote: SocketAddress
    /// Which of our local addresses, counted in the order in which they were bound.
    @usableFromInline package var local: UInt16
    /// 0 for UDP, else the number of the TCP connection (ICE-TCP) that stands for the path.
    @usableFromInline package var stream: UInt32

    @inlinable
    package init(remote: SocketAddress, local: UInt16, stream: UInt32 = 0) {
        self.remote = remote
        self.local = local
        self.stream = stream
    }

    // Written out, since what the compiler makes up is not inlined into other rooms.
    @inlinable
    package static func == (lhs: DatagramPath, rhs: DatagramPath) -> Bool {
        lhs.remote.ip.low == rhs.remote.ip.low && lhs.remote.port == rhs.remote.port
            && lhs.ends == rhs.ends && lhs.remote.ip.high == rhs.remote.ip.high
    }

    /// Where to look first in an open-addressing table of paths.
    @inlinable
    package var fingerprint: UInt64 { fingerprint(salt: 0) }

    /// The same for a table that strangers can fill: whoever does not know the salt cannot choose
    /// addresses that all land in one place.
    ///
    /// Two folded multiplications, about two nanoseconds. All bits of the result are good.
    @inlinable
    package func fingerprint(salt: UInt64) -> UInt64 {
        let name = remote.ip.low ^ UInt64(remote.port) << 40
        let first = Self.fold(name ^ 0x9E37_79B9_7F4A_7C15 ^ salt, 0xD6E8_FEB8_6659_FD93)
        let second = remote.ip.high ^ UInt64(ends) << 1
        return Self.fold(second ^ 0xA076_1D64_78BD_642F ^ salt, first | 1) ^ first
    }

    /// What tells apart two paths of one remote address: the family, our side and the stream.
    @usableFromInline
    var ends: UInt64 {
        @inlinable get {
            let family: UInt64
            switch remote.ip.family {
            case .v4: family = 0
            case .v6: family = 1
            }
            return family << 48 | UInt64(local) << 32 | UInt64(stream)
        }
    }

    @inlinable
    static func fold(_ lhs: UInt64, _ rhs: UInt64) -> UInt64 {
        let product = lhs.multipliedFullWidth(by: rhs)
        return product.high ^ product.low
    }
}

extension DatagramPath: CustomStringConvertible {
    @usableFromInline package var description: String {
        stream == 0 ? "\(remote) by udp \(local)" : "\(remote) by tcp \(stream)"
    }
}
