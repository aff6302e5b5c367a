/// How somebody's client behaves.
package struct CallerHabits: Hashable, Sendable {
    /// Lets the other side begin the handshake, where it has the choice.
    package var isPassive = false
    /// Repeats what is lost, and wants it repeated, on streams of their own (RFC 4588).
    package var repairs = true
    /// Numbers its packets across streams, for reports of their arrival.
    package var numbersPackets = true
    /// Opens one packet of so many, to see that it is whole; 1 opens all.
    package var opensEvery = 8
    /// Asks again for what it misses.
    package var asksForLosses = true

    package init() {}
}
