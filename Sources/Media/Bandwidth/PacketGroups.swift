/// Joins packets that left together, and says how much later each group came than the one before it
/// (draft-ietf-rmcat-gcc-02 section 5.2).
///
/// Packets sent within 5 ms are a group. So are packets that arrived within 5 ms of each other
/// although they left further apart: something on the way (a radio's schedule, a frame of ours that
/// left as one run) let them go at once, and their distances say nothing about a queue.
package struct PacketGroups: Sendable {
    /// From one group to the next, in milliseconds.
    package struct Step: Equatable, Sendable {
        package var sent: Double
        package var arrived: Double
        /// When the later group was complete, on the receiver's clock.
        package var arrival: Double

        package init(sent: Double, arrived: Double, arrival: Double) {
            self.sent = sent
            self.arrived = arrived
            self.arrival = arrival
        }
    }

    private struct Group {
        var firstSent: Int64
        var lastSent: Int64
        var firstArrival: Int64
        var lastArrival: Int64
    }

    private static let span: Int64 = 5_000
    private static let longestBurst: Int64 = 100_000
    /// A jump of the receiver's clock rather than a queue.
    private static let jump: Int64 = 3_000_000

    private var current: Group?
    private var previous: Group?
    private var backward = 0

    package init() {}

    /// Takes a packet, in the order of sending; both times in microseconds, each on its own clock. A
    /// step is returned when a group is complete, which the first packet of the next one shows.
    package mutating func add(sent: Int64, arrival: Int64) -> Step? {
        guard var group = current else {
            current = Group(
                firstSent: sent,
                lastSent: sent,
                firstArrival: arrival,
                lastArrival: arrival
            )
            return nil
        }
        // Told a second time, after others.
        guard sent >= group.firstSent else { return nil }
        if belongs(sent, arrival, to: group) {
            group.lastSent = max(group.lastSent, sent)
            group.lastArrival = max(group.lastArrival, arrival)
            current = group
            return nil
        }
        let earlier = previous
        previous = group
        current = Group(
            firstSent: sent,
            lastSent: sent,
            firstArrival: arrival,
            lastArrival: arrival
        )
        guard let earlier else { return nil }
        let sentStep = group.lastSent &- earlier.lastSent
        let arrivalStep = group.lastArrival &- earlier.lastArrival
        let difference = arrivalStep &- sentStep
        if difference > Self.jump || difference < -Self.jump {
            self = PacketGroups()
            return nil
        }
        guard arrivalStep >= 0 else {
            // Reordered on the way; if it goes on, the clock went back.
            backward += 1
            if backward >= 3 { self = PacketGroups() }
            return nil
        }
        backward = 0
        return Step(
            sent: Double(sentStep) / 1_000,
            arrived: Double(arrivalStep) / 1_000,
            arrival: Double(group.lastArrival) / 1_000
        )
    }

    private func belongs(_ sent: Int64, _ arrival: Int64, to group: Group) -> Bool {
        if sent &- group.firstSent <= Self.span { return true }
        let arrivalStep = arrival &- group.lastArrival
        return arrivalStep <= Self.span && arrivalStep &- (sent &- group.lastSent) < 0
            && arrival &- group.firstArrival < Self.longestBurst
    }
}
