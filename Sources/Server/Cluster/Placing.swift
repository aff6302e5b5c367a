internal import Calls
internal import Coordination

/// Who decides where calls roost, in a cluster.
protocol Placing: AnyObject, Sendable {
    /// Where the channel's call is, or that it is to be here. Nothing that is known up to `above` is
    /// believed.
    func claim(
        _ channel: ChannelID,
        above: Fence?
    ) async throws(PlacementFault) -> Placement
    /// Where the channel's call is; nil if there is none, or nobody can say.
    func find(_ channel: ChannelID) async -> Placement?
    /// Whether the channel's call may have been on a node that is gone, and go on elsewhere in a moment, as far as
    /// this node can know: one that is cut off knows nothing.
    func expects(_ channel: ChannelID) async -> Bool
    /// Whether this node has come into the cluster so lately, or is about to, that it may not have heard yet
    /// which calls there are.
    var isNew: Bool { get }
    /// Whether the channel's call is still to be here.
    func holds(_ channel: ChannelID, _ token: Fence) -> Bool
    /// The channel's call, which was here, is over.
    func end(_ channel: ChannelID, _ token: Fence)
    /// Gives the channel's call to another node. True once that has it.
    func move(_ channel: ChannelID, to member: MemberID) async -> Bool
    /// Whether there is another node that can go on with calls, though maybe not at this moment.
    func hasHeirs() async -> Bool
    /// Whether there is a node that would take calls by agreement, though maybe not at this moment.
    func hasWillingHeirs() async -> Bool
    /// Another node that may take a call now, the least loaded of two.
    func successor() async -> MemberID?
    /// Keeps a picture of the channel's call for whoever may have to go on with it.
    func save(_ channel: ChannelID, _ token: Fence, sequence: UInt64, _ snapshot: [UInt8])
}

enum Placement: Hashable, Sendable {
    case mine(Fence)
    case theirs(MemberID, Fence)
}

/// What every effect of a call's host carries, so that an old host's are not believed.
typealias Fence = Coordination.Token
