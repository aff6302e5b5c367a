/// Which parcels have gone to another member and come from it, however many connections it took.
///
/// Both sides count. What was sent is kept until the other has said that it came; when a link is made
/// anew, each says how many it has, and the rest is sent again. So parcels arrive once and in order for
/// as long as both members live, or the link is given up.
package struct LinkLedger: Sendable {
    package struct Limits: Sendable {
        package var parcels: Int
        package var bytes: Int

        package init(parcels: Int = 65_536, bytes: Int = 16 << 20) {
            self.parcels = parcels
            self.bytes = bytes
        }
    }

    package enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        /// The other says to have had more than was sent, or to want again what is gone.
        case nonsense

        package var description: String {
            "the other node counts parcels that were never sent, or asks for some that it has had; the "
                + "link begins anew"
        }
    }

    private let limits: Limits
    /// Frames that are not acknowledged, oldest first, from `first` on.
    private var kept: [[UInt8]] = []
    private var first = 0
    private var keptBytes = 0
    /// How many were sent before those that are kept.
    private var settled: UInt64 = 0
    /// How many have come.
    package private(set) var received: UInt64 = 0
    /// As the other was last told.
    private var acknowledged: UInt64 = 0
    private var unacknowledgedBytes = 0

    package init(limits: Limits = Limits()) {
        self.limits = limits
    }

    package var keptCount: Int { kept.count - first }
    package var isFull: Bool { keptCount >= limits.parcels || keptBytes >= limits.bytes }

    /// Keeps a frame that is sent. False if there is no room, and then it must not be sent.
    package mutating func keep(_ frame: [UInt8]) -> Bool {
        guard !isFull else { return false }
        kept.append(frame)
        keptBytes += frame.count
        return true
    }

    /// The other has this many.
    package mutating func settle(_ count: UInt64) throws(Fault) {
        let sent = settled + UInt64(keptCount)
        guard count <= sent else { throw .nonsense }
        // An old word, overtaken by a newer one.
        guard count > settled else { return }
        for _ in 0..<(count - settled) {
            keptBytes -= kept[first].count
            kept[first] = []
            first += 1
        }
        settled = count
        if first == kept.count {
            kept.removeAll(keepingCapacity: kept.capacity <= 1_024)
            first = 0
        } else if first >= 1_024 {
            kept.removeFirst(first)
            first = 0
        }
    }

    /// A link is made anew, and the other has this many: answers what must be sent again.
    package mutating func resume(_ count: UInt64) throws(Fault) -> ArraySlice<[UInt8]> {
        guard count >= settled else { throw .nonsense }
        try settle(count)
        acknowledged = received
        unacknowledgedBytes = 0
        return kept[first...]
    }

    /// A parcel has come. True if it is time to say so.
    package mutating func count(bytes: Int) -> Bool {
        received += 1
        unacknowledgedBytes += bytes
        return received - acknowledged >= Self.parcelsPerWord
            || unacknowledgedBytes >= Self.bytesPerWord
    }

    /// What to tell the other, if there is something new.
    package mutating func acknowledgement() -> UInt64? {
        guard received > acknowledged else { return nil }
        acknowledged = received
        unacknowledgedBytes = 0
        return received
    }

    private static let parcelsPerWord: UInt64 = 64
    private static let bytesPerWord = 128 << 10
}
