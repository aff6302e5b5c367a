internal import Basics
internal import Calls
internal import Coordination
internal import IO
internal import Synchronization

/// What has become of calls on this node, the last of it, and how each that roosts here came here.
final class CallJournal: Sendable {
    struct Entry: Hashable, Sendable {
        /// Milliseconds since 1970.
        var at: Int64
        var channel: ChannelID
        var turn: Turn
    }

    /// One turn in where a call roosts, as the node that writes it down saw it.
    enum Turn: Hashable, Sendable {
        /// The first websocket that wanted it was here.
        case landed
        /// Another node wanted it, and was not to host it itself.
        case asked(by: MemberID)
        /// The node that had it is dead.
        case inherited(from: MemberID?)
        /// The node that had it gave it to this one.
        case came(from: MemberID?)
        /// The same, for that node had more people than its share.
        case cameForLoad(from: MemberID)
        case went(to: MemberID)
        /// The same, for this node had more people than its share.
        case wentForLoad(to: MemberID)
        /// This node had it, or was to have it, and let it go.
        case givenUp(GivingUp)
    }

    enum GivingUp: UInt8, Hashable, Sendable {
        case outbid = 1
        case fenced = 2
        case unsaved = 3
        case unreadable = 4
        case nobodyCame = 5
    }

    private struct State {
        var entries: [Entry] = []
        /// Where the next entry goes, once there are as many as there may be.
        var next = 0
        var arrivals: [ChannelID: Entry] = [:]
    }

    /// Entries that are kept.
    static let limit = 64

    private let state = Mutex(State())
    private let figures: CounterFamily?

    init(figures: CounterFamily? = nil) {
        self.figures = figures
    }

    func note(_ channel: ChannelID, _ turn: Turn) {
        let (seconds, nanoseconds) = Loop.readWallClock()
        let now = WallTime(seconds: seconds, nanoseconds: Int32(clamping: nanoseconds))
        let entry = Entry(at: now.milliseconds, channel: channel, turn: turn)
        state.withLock { state in
            if state.entries.count < Self.limit {
                state.entries.append(entry)
            } else {
                state.entries[state.next] = entry
                state.next = (state.next + 1) % Self.limit
            }
            state.arrivals[channel] = turn.isArrival ? entry : nil
        }
        if let how = turn.figure { figures?.child(how).add() }
    }

    /// The channel's call is over: how it came here is of no use to anybody.
    func forget(_ channel: ChannelID) {
        state.withLock { $0.arrivals[channel] = nil }
    }

    func arrival(of channel: ChannelID) -> Entry? { state.withLock { $0.arrivals[channel] } }

    /// The newest first.
    var entries: [Entry] {
        state.withLock { state in
            Array((state.entries[state.next...] + state.entries[..<state.next]).reversed())
        }
    }
}

extension CallJournal.Turn {
    /// Whether a call roosts here by it.
    var isArrival: Bool {
        switch self {
        case .landed, .asked, .inherited, .came, .cameForLoad: true
        case .went, .wentForLoad, .givenUp: false
        }
    }

    /// Under what it is counted; nil if the call was nowhere else.
    fileprivate var figure: String? {
        switch self {
        case .landed, .asked: nil
        case .inherited: "taken_over"
        case .came, .cameForLoad: "moved_here"
        case .went, .wentForLoad: "moved_away"
        case .givenUp: "given_up"
        }
    }

    /// Whether it was done only for the sake of the load.
    var isForLoad: Bool {
        switch self {
        case .cameForLoad, .wentForLoad: true
        case .landed, .asked, .inherited, .came, .went, .givenUp: false
        }
    }

    /// Where the call went, if it did.
    var target: MemberID? {
        switch self {
        case .went(let member), .wentForLoad(let member): member
        case .landed, .asked, .inherited, .came, .cameForLoad, .givenUp: nil
        }
    }

    /// For people.
    var sentence: String {
        func name(_ member: MemberID?) -> String { member?.name.description ?? "another node" }
        return switch self {
        case .landed: "the first websocket for it landed here"
        case .asked(let member):
            "\(name(member)) asked for it to be here, since it was not to host it"
        case .inherited(let member): "taken over from \(name(member)), which is dead"
        case .came(let member): "moved here from \(name(member))"
        case .cameForLoad(let member):
            "moved here by the rebalancer of \(name(member)), which had more people than its share"
        case .went(let member): "moved to \(name(member))"
        case .wentForLoad(let member):
            "moved to \(name(member)) by the rebalancer, for this node had more people than its share"
        case .givenUp(let why): "given up: \(why.sentence)"
        }
    }
}

extension CallJournal.GivingUp {
    fileprivate var sentence: String {
        switch self {
        case .outbid: "another node holds a newer token for it"
        case .fenced: "this node had lost its right to host"
        case .unsaved: "its node was gone before it had saved it"
        case .unreadable:
            "what its node had saved can't be read here; bring all nodes to one version"
        case .nobodyCame: "somebody wanted it and did not come"
        }
    }
}
