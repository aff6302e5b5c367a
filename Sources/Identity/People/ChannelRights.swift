/// What a person may do in one channel.
///
/// Rights do not contain each other: who may moderate needs `join` too in order to be there.
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

    package static let all: ChannelRights = [.read, .join, .start, .moderate, .record]

    /// The words that tokens use, in the order of their bits.
    package static let words: [(word: String, right: ChannelRights)] = [
        ("read", .read), ("join", .join), ("start", .start), ("moderate", .moderate),
        ("record", .record),
    ]

    package init?(word: String) {
        guard let found = Self.words.first(where: { $0.word == word }) else { return nil }
        self = found.right
    }

    package var words: [String] {
        Self.words.filter { contains($0.right) }.map(\.word)
    }
}
