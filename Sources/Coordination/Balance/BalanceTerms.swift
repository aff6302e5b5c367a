/// When a member gives calls away only because others have fewer people, and how many.
package struct BalanceTerms: Hashable, Sendable {
    package var isOn: Bool
    /// By how many hundredths a member must have more people than its share before it gives any away. It goes on until
    /// it has half of that too many: who comes just under the mark is not over it again with the next guest.
    package var margin: UInt64
    /// So few people too many are not worth a move.
    package var leastExcess: UInt64
    /// Calls that are given away in one round.
    package var movesAtOnce: Int
    /// How long after a round the next one may begin, by when all know what came of it.
    package var pause: Duration
    /// For how long the same members must have been there with nothing amiss, and the load uneven.
    package var calm: Duration
    /// For how long a call that has come from another member, or could not go to one, stays where it is.
    package var callRest: Duration

    package init(
        isOn: Bool = false,
        margin: UInt64 = 20,
        leastExcess: UInt64 = 10,
        movesAtOnce: Int = 4,
        pause: Duration = .seconds(5),
        calm: Duration = .seconds(10),
        callRest: Duration = .seconds(300)
    ) {
        self.isOn = isOn
        self.margin = margin
        self.leastExcess = leastExcess
        self.movesAtOnce = movesAtOnce
        self.pause = pause
        self.calm = calm
        self.callRest = callRest
    }
}
