/// A mistake that is made on purpose in a ``BalanceRehearsal``, for its checks to find.
package enum BalanceFlaw: String, CaseIterable, Sendable {
    /// Calls are given away without a word to who gets them.
    case nobodyIsAsked
    /// A call that has come may go on at once.
    case callsDoNotRest
    /// Dead, drained and new members keep nobody from moving calls.
    case unrestIsIgnored
    /// Whoever was asked lately does not count what it has said yes to.
    case promisesAreForgotten
}
