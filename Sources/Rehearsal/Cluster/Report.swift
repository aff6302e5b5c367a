package import Coordination

/// What a rehearsal has shown.
package struct Report: Hashable, Sendable {
    package enum Violation: Hashable, Sendable, CustomStringConvertible {
        /// Two nodes would have sent for one channel at the same moment.
        case twoHosts(Channel, MemberID, MemberID, milliseconds: Int64)
        /// One token was issued to two.
        case tokenIssuedTwice(Channel, Token)
        /// A host began under a token that is not above the one before.
        case tokenFell(Channel, from: Token, to: Token)
        /// Long after everything was mended, the channel's call has no host, or more than one.
        case hosts(Channel, count: Int)
        /// Long after everything was mended, a claim leads to who doesn't host, or nowhere.
        case claimLeadsAstray(Channel, from: NodeName, ClaimAnswer?)
        /// A node gave up its right although nothing had befallen anybody.
        case needlessFence(NodeName)

        package var description: String {
            switch self {
            case .twoHosts(let channel, let one, let other, let time):
                "at \(time) ms both \(one) and \(other) host \(channel)"
            case .tokenIssuedTwice(let channel, let token):
                "\(token) was issued twice for \(channel)"
            case .tokenFell(let channel, let from, let to):
                "\(channel) went from \(from) down to \(to)"
            case .hosts(let channel, let count):
                "\(channel) has \(count) hosts after everything was mended"
            case .claimLeadsAstray(let channel, let name, let answer):
                """
                a claim of \(channel) at \(name) leads astray after everything was mended: \
                \(answer.map { "\($0)" } ?? "no answer")
                """
            case .needlessFence(let name): "\(name) fenced although nothing had happened"
            }
        }
    }

    package var violations: [Violation] = []
    package var steps = 0
    /// What happened when and to whom, as one number: who plays the same schedule gets the same.
    package private(set) var course: UInt64 = 0xCBF2_9CE4_8422_2325
    package var fences = 0
    package var placed = 0
    package var takenOver = 0
    package var generations = 0
    /// Calls that went to another node only because that had fewer people.
    package var balanced = 0
    /// The longest time, in milliseconds, from the end of a process to the next host of a call it had.
    package var vacancy: Int64 = 0
    /// The longest time for which two hosts of one channel overlapped, in milliseconds.
    package var overlap: Int64 = 0

    mutating func follow(_ number: Int64) {
        course = (course ^ UInt64(bitPattern: number)) &* 0x9E37_79B9_7F4A_7C15
        course ^= course >> 29
    }
}
