internal import Calls
internal import Coordination

/// How one node of a cluster is, as it says itself.
package struct NodeStatus: Hashable, Sendable {
    struct Link: Hashable, Sendable {
        var member: MemberID
        var isLinked: Bool
        /// Of the last heartbeat.
        var roundTripMicroseconds: Int?
        /// The node through which it is spoken to, if it can't be reached itself.
        var third: NodeName?
        /// Why it can't be reached itself.
        var trouble: String?
    }

    /// A call that roosts on the node.
    struct Call: Hashable, Sendable {
        var channel: ChannelID
        var call: CallID
        var token: Fence?
        /// Milliseconds since 1970.
        var began: Int64
        var participants: Int
        /// How it came to this node; nil if that was forgotten.
        var arrival: CallJournal.Entry?
    }

    /// A call that people of the node are in, and that roosts elsewhere.
    struct Relay: Hashable, Sendable {
        var channel: ChannelID
        var host: MemberID
        var token: Fence
        var connections: Int
    }

    /// What people call a channel, as far as the node has heard.
    struct Name: Hashable, Sendable {
        var channel: ChannelID
        var name: String
    }

    /// Calls and relays beyond this many are counted and not shown.
    static let listLimit = 1_000

    var member: MemberID
    var version: String
    /// When the process began, in milliseconds since 1970.
    var began: Int64
    var life: UInt64
    var generation: String
    var state: Overview.State
    /// For how many milliseconds it may host if nothing more comes; nil if it may not.
    var holdsFor: Int?
    /// What stands in the way of new calls.
    var obstacle: String?
    var load: MemberLoad
    var clusterAddress: String
    var webAddress: String
    var mediaAddress: String
    /// When the connection to Redis was made, in milliseconds since 1970; nil if there is none.
    var redisSince: Int64?
    /// How many milliseconds ago Redis answered last.
    var redisSilence: Int?
    var links: [Link]
    var callCount: Int
    var calls: [Call]
    var relays: [Relay]
    /// The newest first.
    var moves: [CallJournal.Entry]
    /// Of all channels that are mentioned.
    var names: [Name]
    /// How its rebalancer sees things; nil of a node that has none.
    var rebalance: String?
}

/// What has become of an operator's wish.
package struct Verdict: Hashable, Sendable {
    var isDone: Bool
    /// What was done, or why not and what to do.
    var text: String

    static func done(_ text: String) -> Verdict { Verdict(isDone: true, text: text) }
    static func refused(_ text: String) -> Verdict { Verdict(isDone: false, text: text) }
}
