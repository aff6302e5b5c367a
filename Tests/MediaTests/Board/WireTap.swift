import Basics
import Media

/// Sees what a board sends to its peers, before the network does, and keeps watch over what SRTP stands
/// on: that no number of a stream is given to two different packets.
struct WireTap {
    struct Stream: Hashable {
        var peer: Int
        var ssrc: UInt32
    }

    private struct Seen {
        var newest: UInt64 = 0
        var first: UInt64?
        var packets: [UInt64: [UInt8]] = [:]
        var repeated = 0

        mutating func note(_ bytes: [UInt8], _ index: UInt64) {
            packets[index] = bytes
            newest = max(newest, index)
            first = min(first ?? index, index)
        }
    }

    private var streams: [Stream: Seen] = [:]
    /// Numbers that two different packets got.
    private(set) var collisions: [String] = []
    private(set) var packets = 0

    mutating func saw(_ bytes: [UInt8], peer: Int) {
        guard bytes.count >= 12, 128...191 ~= bytes[0], !(192...223 ~= bytes[1]) else { return }
        packets += 1
        let stream = Stream(peer: peer, ssrc: bytes[8..<12].reduce(0) { $0 << 8 | UInt32($1) })
        let number = SequenceNumber(UInt16(bytes[2]) << 8 | UInt16(bytes[3]))
        let index = number.extended(near: streams[stream, default: Seen()].newest)
        if let old = streams[stream]?.packets[index] {
            if old != bytes {
                collisions.append("peer \(peer), stream \(stream.ssrc), number \(index)")
            }
            streams[stream]?.repeated += 1
        }
        streams[stream, default: Seen()].note(bytes, index)
    }

    /// The numbers within what was sent that were given to no packet.
    func holes(_ peer: Int, _ ssrc: SSRC) -> [UInt64] {
        guard let seen = streams[Stream(peer: peer, ssrc: ssrc.rawValue)], let first = seen.first
        else { return [] }
        return (first...seen.newest).filter { seen.packets[$0] == nil }
    }

    func count(_ peer: Int, _ ssrc: SSRC) -> Int {
        streams[Stream(peer: peer, ssrc: ssrc.rawValue)]?.packets.count ?? 0
    }

    func repeated(_ peer: Int, _ ssrc: SSRC) -> Int {
        streams[Stream(peer: peer, ssrc: ssrc.rawValue)]?.repeated ?? 0
    }
}
