/// What a global mutex is called: `call_<channel>`, `ensure_bot`, `rtcd_registration` and so on.
package struct MutexName: Hashable, Sendable, Comparable, CustomStringConvertible {
    package static let limit = 64

    private let text: String

    /// Reads a name of 1 to 64 letters, digits, `.`, `_` and `-`; nil unless it is exactly one.
    package init?(_ text: some StringProtocol) {
        guard (1...Self.limit).contains(text.utf8.count), text.utf8.allSatisfy(Self.isAllowed)
        else { return nil }
        self.text = String(text)
    }

    package static let ensureBot = MutexName(known: "ensure_bot")
    package static let rtcdRegistration = MutexName(known: "rtcd_registration")
    package static let jobServiceRegistration = MutexName(known: "job_service_registration")
    package static let jobServiceRunnerUpdate = MutexName(known: "job_service_runner_update")

    /// That of a channel's call. Nil if the channel's id is not of the kind that names are made of.
    package static func call(_ channel: some StringProtocol) -> MutexName? {
        MutexName(callPrefix + channel)
    }

    /// Old history is forgotten, and what nodes that are gone have left is ended, by one node at a time.
    package static let historySweep = MutexName(known: "history_sweep")

    private init(known text: String) {
        self.text = text
    }

    package var description: String { text }

    /// Under which it is counted in metrics: all calls are one, or each would be a line of its own.
    package var group: String { text.hasPrefix(Self.callPrefix) ? "mutex_call" : "mutex_\(text)" }

    package static func < (lhs: MutexName, rhs: MutexName) -> Bool { lhs.text < rhs.text }

    private static let callPrefix = "call_"

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
