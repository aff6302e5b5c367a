package import Basics
package import Media

/// A packet of media that came, as far as it was looked at.
package struct HeardPacket: Sendable {
    /// Its track's place among those heard.
    package var track: Int
    package var kind: MediaKind
    /// Its whole number in the stream.
    package var sequence: UInt64
    package var size: Int
    package var isRepair: Bool
    /// What its sender wrote into it, if it was opened.
    package var mark: PacketMark?
}

/// A track that a caller gets, with what came of it.
///
/// A class, since a table of these is walked and changed in place with every packet.
package final class HeardTrack {
    package let ssrc: SSRC
    let repair: SSRC?
    package let mid: String
    package let kind: MediaKind
    /// Of the stream it belongs to; a node names its sender so.
    package let stream: String
    package let track: String
    /// The newest description has it no more.
    package internal(set) var isEnded = false

    var numbers = PacketIndex()
    var repairNumbers = PacketIndex()
    var statistics: ReceptionStatistics
    var losses: NACKGenerator
    /// Of numbers, the first and the highest, and how many came.
    package internal(set) var first: UInt64?
    package internal(set) var received: UInt64 = 0
    /// When the first and the last came.
    package internal(set) var began: Instant?
    package internal(set) var last: Instant?
    package internal(set) var hasPicture = false
    var pictureDue: Instant?
    /// Of packets opened, by how much the sender's numbers lie before ours, and whose they are.
    var markSource: UInt32?
    var markDistance: Int64 = 0
    /// Packets that the numbers of the way here hide: the sender had more.
    package internal(set) var hidden: UInt64 = 0

    init(_ section: SessionDescription.Section, _ ssrc: SSRC) {
        self.ssrc = ssrc
        repair =
            section.groups.first { $0.semantics == "FID" && $0.sources.first == ssrc }?.sources.last
        mid = section.mid ?? ""
        kind = section.kind == .audio ? .audio : .video
        let msid = section.msids.first ?? section.sources.compactMap(\.msid).first
        stream = msid?.stream ?? ""
        track = msid?.track ?? ""
        statistics = ReceptionStatistics(clockRate: kind == .audio ? 48_000 : 90_000)
        losses = NACKGenerator()
    }

    /// Packets between the first and the highest number that never came, up to now.
    package var lost: UInt64 {
        guard let first else { return 0 }
        let expected = numbers.newest &- first &+ 1
        return expected > received ? expected &- received : 0
    }

    /// Counts one that was not there before.
    func note(_ index: UInt64, timestamp: UInt32, at now: Instant) {
        numbers.mark(index)
        received &+= 1
        first = min(first ?? index, index)
        if began == nil { began = now }
        last = now
        statistics.received(index, timestamp: timestamp, at: now)
    }

    /// Compares the number by which it was sent with the one by which it came.
    func compare(_ mark: PacketMark, with index: UInt64) {
        let distance = Int64(mark.number) &- Int64(bitPattern: index)
        if markSource == mark.source, distance > markDistance {
            hidden &+= UInt64(distance &- markDistance)
        }
        if markSource != mark.source || distance > markDistance { markDistance = distance }
        markSource = mark.source
    }
}
