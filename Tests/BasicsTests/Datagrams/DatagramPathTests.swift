import Basics
import Testing

@Suite struct `A datagram path` {
    private let home = DatagramPath(
        remote: SocketAddress(ip: .loopback, port: 4_000),
        local: 1,
        stream: 7
    )

    @Test func `is equal to one that agrees in everything, and to no other`() {
        #expect(home == home)
        for other in neighbours {
            #expect(home != other, "\(other)")
            #expect(home.fingerprint != other.fingerprint, "\(other)")
        }
    }

    @Test func `tells an IPv4 address from an IPv6 one of the same number`() {
        let v4 = SocketAddress(ip: IPAddress(v4: 1), port: 1)
        let v6 = SocketAddress(ip: .loopbackV6, port: 1)
        #expect(DatagramPath(remote: v4, local: 0) != DatagramPath(remote: v6, local: 0))
    }

    @Test func `fits in half a cache line`() {
        #expect(MemoryLayout<DatagramPath>.size == 32)
    }

    /// Addresses as they come in practice: neighbours, with ports in a row. Each eight bits that a
    /// table may look at fill 256 places about evenly.
    @Test(arguments: [UInt64(0), 0x0123_4567_89AB_CDEF])
    func `has a fingerprint that spreads over a table`(salt: UInt64) {
        var counts = [[Int]](repeating: [Int](repeating: 0, count: 256), count: 8)
        for number in 0..<16_384 {
            let ip = IPAddress(v4: 0x0A00_0000 + UInt32(number >> 6))
            let remote = SocketAddress(ip: ip, port: 40_000 + UInt16(number & 63))
            let print = DatagramPath(remote: remote, local: 0).fingerprint(salt: salt)
            for byte in 0..<8 { counts[byte][Int(print >> (8 * byte) & 255)] += 1 }
        }
        // 64 expected, 8 the standard deviation.
        for (byte, counts) in counts.enumerated() {
            #expect(counts.allSatisfy { (24...104).contains($0) }, "byte \(byte)")
        }
    }

    @Test func `cannot be guessed without the salt`() {
        let first = home.fingerprint(salt: 1) ^ home.fingerprint(salt: 2)
        let others = neighbours.map { $0.fingerprint(salt: 1) ^ $0.fingerprint(salt: 2) }
        #expect(Set(others + [first]).count == neighbours.count + 1)
    }

    private var neighbours: [DatagramPath] {
        let remotes = [
            SocketAddress(ip: .loopback, port: 4_001), SocketAddress(ip: .anyV4, port: 4_000),
            SocketAddress(ip: .loopbackV6, port: 4_000),
            SocketAddress(ip: IPAddress(v6: 1, home.remote.ip.low), port: 4_000),
        ]
        return remotes.map { DatagramPath(remote: $0, local: 1, stream: 7) } + [
            DatagramPath(remote: home.remote, local: 2, stream: 7),
            DatagramPath(remote: home.remote, local: 1, stream: 8),
            DatagramPath(remote: home.remote, local: 1),
        ]
    }
}
