internal import Basics
internal import Calls
internal import Coordination

/// A cluster as one of its nodes sees it: what each node says of itself, and what Redis says of those
/// that say nothing.
struct ClusterPicture: Sendable {
    enum Node: Sendable {
        case told(NodeStatus)
        case silent(Silent)

        var member: MemberID {
            switch self {
            case .told(let status): status.member
            case .silent(let silent): silent.member
            }
        }
    }

    /// A member that did not answer.
    struct Silent: Sendable {
        var member: MemberID
        var why: String
        var record: MemberRecord
        var stillFor: Duration
        var orphans: UInt32
    }

    var cluster: String
    /// Who was asked for the picture.
    var asked: MemberID
    var isAlone: Bool
    /// When it was taken, in milliseconds since 1970.
    var at: Int64
    /// In the order of their names.
    var nodes: [Node]

    /// What channels are called, as far as any node has heard.
    var names: [ChannelID: String] {
        var names: [ChannelID: String] = [:]
        for case .told(let status) in nodes {
            for name in status.names { names[name.channel] = name.name }
        }
        return names
    }
}
