/// What a member carries, and what it may: told with every renewal, so that others can choose.
package struct MemberLoad: Hashable, Sendable {
    package var calls: UInt32
    package var sessions: UInt32
    /// At which of either a member takes no new calls. 0 stands for no limit.
    package var callLimit: UInt32
    package var sessionLimit: UInt32
    /// How busy the member is, in thousandths of what it can do.
    package var busyThousandths: UInt32
    /// An operator, or the member itself, wishes it no new calls.
    package var isMarked: Bool

    package init(
        calls: UInt32 = 0,
        sessions: UInt32 = 0,
        callLimit: UInt32 = 0,
        sessionLimit: UInt32 = 0,
        busyThousandths: UInt32 = 0,
        isMarked: Bool = false
    ) {
        self.calls = calls
        self.sessions = sessions
        self.callLimit = callLimit
        self.sessionLimit = sessionLimit
        self.busyThousandths = busyThousandths
        self.isMarked = isMarked
    }

    package static let none = MemberLoad()

    package var isFull: Bool {
        (callLimit > 0 && calls >= callLimit) || (sessionLimit > 0 && sessions >= sessionLimit)
            || busyThousandths >= 1_000
    }

    /// What to compare when one of two is to get a call: the fullest of its measures.
    package var weight: UInt64 {
        let byCalls = callLimit > 0 ? UInt64(calls) * 1_000 / UInt64(callLimit) : 0
        let bySessions = sessionLimit > 0 ? UInt64(sessions) * 1_000 / UInt64(sessionLimit) : 0
        return max(byCalls, bySessions, UInt64(busyThousandths)) << 32 | UInt64(sessions)
    }
}
