internal import Basics
package import Callers

/// What a load has come to: what all its people have sent and got, and what went wrong. Counts only grow,
/// so that the difference of two is what happened between them.
package struct LoadTally: Sendable {
    package var people = 0
    package var inside = 0
    package var counts = CallerCounts()
    /// Of media as heard: what never came, and what the numbers of the way here hide.
    package var lost: UInt64 = 0
    package var hidden: UInt64 = 0
    /// Events heard on websockets.
    package var events: UInt64 = 0
    /// Datagrams that the kernel lost on the way to people, since they read too slowly.
    package var overflowed: UInt64 = 0
    /// Those that were lost on purpose.
    package var lostOnPurpose: UInt64 = 0
    package var rejoined = 0
    package var moved = 0
    package var failures: [String: Int] = [:]

    package var soundDelay = Spread()
    package var pictureDelay = Spread()
    package var joinTime = Spread()
    package var eventDelay = Spread()
    /// How late frames were begun.
    package var lateness = Spread()

    package init() {}

    package mutating func add(_ other: LoadTally) {
        people += other.people
        inside += other.inside
        counts.add(other.counts)
        lost &+= other.lost
        hidden &+= other.hidden
        events += other.events
        overflowed += other.overflowed
        lostOnPurpose += other.lostOnPurpose
        rejoined += other.rejoined
        moved += other.moved
        failures.merge(other.failures) { $0 + $1 }
        soundDelay.add(other.soundDelay)
        pictureDelay.add(other.pictureDelay)
        joinTime.add(other.joinTime)
        eventDelay.add(other.eventDelay)
        lateness.add(other.lateness)
    }

    package mutating func fail(_ why: String) {
        // Whatever stands in a reason, there are not many.
        let key = failures.count < 64 || failures[why] != nil ? why : "other reasons"
        failures[key, default: 0] += 1
    }
}

extension Caller {
    /// Adds what it has sent and heard until now.
    borrowing func add(to tally: inout LoadTally) {
        tally.counts.add(counts)
        for track in heard {
            tally.lost += track.lost
            tally.hidden += track.hidden
        }
    }
}

extension CallerCounts {
    mutating func add(_ other: CallerCounts) {
        mediaOut += other.mediaOut
        mediaIn += other.mediaIn
        reportsOut += other.reportsOut
        reportsIn += other.reportsIn
        bytesOut += other.bytesOut
        bytesIn += other.bytesIn
        opened += other.opened
        spoilt += other.spoilt
        strange += other.strange
        duplicates += other.duplicates
        repaired += other.repaired
        askedAgain += other.askedAgain
        repeated += other.repeated
        picturesAsked += other.picturesAsked
        arrivalReportsIn += other.arrivalReportsIn
        arrivalReportsOut += other.arrivalReportsOut
        dropped += other.dropped
    }
}
