/// What a client sends over its websocket about calls, read from JSON or MessagePack.
package enum ClientMessage: Hashable, Sendable {
    case join(JoinWish)
    case reconnect(channel: ChannelID, original: ParticipantID, previous: ConnectionID)
    case callState(ChannelID)
    case word(Word)
    /// A candidate of the client's ICE; we are the lite side and seek nobody.
    case candidate
    case metric(ClientMetric)
    /// The calls protocol's own ping, which nobody answers.
    case ping
}

package struct JoinWish: Hashable, Sendable {
    package var channel: ChannelID
    package var title: String
    package var thread: String
    /// Set by a bot that comes for a job.
    package var job: JobID?
    package var decodesAV1: Bool
    package var signalsOverChannel: Bool
    /// Whether the client begins media anew when it is told to (``ServerEvent/rehost(_:_:)``).
    package var followsHost: Bool

    package init(
        channel: ChannelID,
        title: String = "",
        thread: String = "",
        job: JobID? = nil,
        decodesAV1: Bool = false,
        signalsOverChannel: Bool = false,
        followsHost: Bool = false
    ) {
        self.channel = channel
        self.title = title
        self.thread = thread
        self.job = job
        self.decodesAV1 = decodesAV1
        self.signalsOverChannel = signalsOverChannel
        self.followsHost = followsHost
    }
}

/// Something that a client has counted and wants to be in the server's figures.
package enum ClientMetric: Hashable, Sendable {
    case candidatePair(CandidatePair)
    case captionsWindowDropped(ParticipantID)
    case captionsTranscriberFull(ParticipantID)
    case captionsQueueFull(ParticipantID)

    package struct CandidatePair: Hashable, Sendable {
        package var state: String
        package var localType: String
        package var localProtocol: String
        package var remoteType: String
        package var remoteProtocol: String

        package init(
            state: String,
            localType: String,
            localProtocol: String,
            remoteType: String,
            remoteProtocol: String
        ) {
            self.state = state
            self.localType = localType
            self.localProtocol = localProtocol
            self.remoteType = remoteType
            self.remoteProtocol = remoteProtocol
        }
    }
}
