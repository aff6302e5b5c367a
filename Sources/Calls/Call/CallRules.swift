/// What a call must keep to, as the settings say.
package struct CallRules: Hashable, Sendable {
    /// Participants at once; 0 for no limit but the node's own.
    package var participantLimit: Int
    package var allowsScreenSharing: Bool
    package var allowsVideo: Bool
    /// How long a participant whose connection is gone may take to come back.
    package var reconnectGrace: Duration

    package init(
        participantLimit: Int = 0,
        allowsScreenSharing: Bool = true,
        allowsVideo: Bool = true,
        reconnectGrace: Duration = .seconds(30)
    ) {
        self.participantLimit = participantLimit
        self.allowsScreenSharing = allowsScreenSharing
        self.allowsVideo = allowsVideo
        self.reconnectGrace = reconnectGrace
    }
}
