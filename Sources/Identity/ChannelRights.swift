/// What a person may do in one channel.
package struct ChannelRights: OptionSet, Hashable, Sendable {
    package var rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// See the channel and the call in it.
    package static let read = ChannelRights(rawValue: 1 << 0)
    /// Join a running call.
    package static let join = ChannelRights(rawValue: 1 << 1)
    /// Start a call where none runs.
    package static let start = ChannelRights(rawValue: 1 << 2)
    /// Act as host whoever the host is: mute, remove, end.
    package static let moderate = ChannelRights(rawValue: 1 << 3)
    /// Start and stop recordings.
    package static let record = ChannelRights(rawValue: 1 << 4)
}
