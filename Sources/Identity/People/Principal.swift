package import Basics

/// Somebody who has shown who they are, and what they may do: what every provider gives.
package struct Principal: Hashable, Sendable {
    package enum Provider: String, Hashable, Sendable {
        case dev
        case token
        /// Came by a link into one channel, with a name of their own choosing.
        case guest
    }

    /// The person's id as clients see it.
    package var id: Identifier
    /// The name by which the provider knows the person: a login name, or a token's `sub`.
    package var username: String
    package var displayName: String
    /// May do everything everywhere.
    package var isAdmin: Bool
    /// Records or transcribes for others, and is not counted among those who are there.
    package var isBot: Bool
    package var provider: Provider
    /// Rights in channels that have no entry of their own.
    package var rightsElsewhere: ChannelRights
    /// A channel's own entry counts alone: it may also take rights away.
    package var rightsByChannel: [Identifier: ChannelRights]

    package init(
        id: Identifier,
        username: String,
        displayName: String,
        isAdmin: Bool = false,
        isBot: Bool = false,
        provider: Provider,
        rightsElsewhere: ChannelRights = [],
        rightsByChannel: [Identifier: ChannelRights] = [:]
    ) {
        self.id = id
        self.username = username
        self.displayName = displayName
        self.isAdmin = isAdmin
        self.isBot = isBot
        self.provider = provider
        self.rightsElsewhere = rightsElsewhere
        self.rightsByChannel = rightsByChannel
    }

    package func rights(in channel: Identifier) -> ChannelRights {
        isAdmin ? .all : rightsByChannel[channel] ?? rightsElsewhere
    }

    package func may(_ right: ChannelRights, in channel: Identifier) -> Bool {
        rights(in: channel).isSuperset(of: right)
    }
}
