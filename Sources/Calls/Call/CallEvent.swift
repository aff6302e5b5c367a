/// What happens to a call, as ``Call`` is told.
package enum CallEvent: Hashable, Sendable {
    case join(Joiner)
    /// A participant has another connection than before; media goes on meanwhile.
    case reconnect(Reconnect)
    /// A participant says something, over the websocket that the server knows to be theirs.
    case said(ParticipantID, Word)
    /// A participant's connection is gone, and nothing says whether they mean to come back.
    case connectionLost(ConnectionID)
    /// Media has something for a participant, or notices something about one.
    case media(ParticipantID, MediaNews)
    /// Somebody uses a right over others; `from` is the connection or request to be answered.
    case order(HostOrder, by: Authority)
    /// The person does not want to be rung for this call any more.
    case dismiss(PersonID)
    /// The person may no longer be in the channel, or their login is over.
    case expel(PersonID, Expulsion)
    /// The node closes, or somebody with the right to it ends the call from outside.
    case end(CallEnding)
    /// ``Call/deadline`` has come.
    case woke
}

/// Somebody who wants to be in the call. Whether they may was asked before.
package struct Joiner: Hashable, Sendable {
    package var connection: ConnectionID
    package var person: PersonID
    /// Records or transcribes for others: not shown, not counted as somebody who keeps the call alive.
    package var isBot: Bool
    package var title: String
    package var thread: String
    package var decodesAV1: Bool
    /// Whether offers of ours go over the data channel once that is open.
    package var signalsOverChannel: Bool
    /// Whether the client begins media anew when the call has moved to another node.
    package var followsHost: Bool

    package init(
        connection: ConnectionID,
        person: PersonID,
        isBot: Bool = false,
        title: String = "",
        thread: String = "",
        decodesAV1: Bool = false,
        signalsOverChannel: Bool = false,
        followsHost: Bool = false
    ) {
        self.connection = connection
        self.person = person
        self.isBot = isBot
        self.title = title
        self.thread = thread
        self.decodesAV1 = decodesAV1
        self.signalsOverChannel = signalsOverChannel
        self.followsHost = followsHost
    }
}

package struct Reconnect: Hashable, Sendable {
    package var participant: ParticipantID
    package var connection: ConnectionID
    package var previous: ConnectionID
    package var person: PersonID

    package init(
        participant: ParticipantID,
        connection: ConnectionID,
        previous: ConnectionID,
        person: PersonID
    ) {
        self.participant = participant
        self.connection = connection
        self.previous = previous
        self.person = person
    }
}

extension Word {
    /// Whether it answers an offer of ours.
    package var isAnswer: Bool {
        if case .description(let description) = self { description.kind == .answer } else { false }
    }

    /// Whether it offers us media.
    package var isOffer: Bool {
        if case .description(let description) = self { description.kind == .offer } else { false }
    }
}

/// What a participant may say inside a call.
package enum Word: Hashable, Sendable {
    case leave
    case mute
    case unmute
    case raiseHand
    case lowerHand
    case react(Reaction)
    /// The MediaStream of the screen that the participant shares.
    case screenOn(stream: String)
    case screenOff
    case videoOn(stream: String)
    case videoOff
    /// A description of media, offered or answered.
    case description(MediaDescription)
    /// What somebody said, as the bot has understood it.
    case caption(Caption)
}

package struct Reaction: Hashable, Sendable {
    package var name: String
    package var unified: String
    package var skin: String?
    package var literal: String?

    package init(name: String, unified: String, skin: String? = nil, literal: String? = nil) {
        self.name = name
        self.unified = unified
        self.skin = skin
        self.literal = literal
    }
}

package struct MediaDescription: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case offer
        case answer
    }

    package var kind: Kind
    package var sdp: String

    package init(_ kind: Kind, _ sdp: String) {
        self.kind = kind
        self.sdp = sdp
    }
}

package struct Caption: Hashable, Sendable {
    package var speaker: ParticipantID
    package var text: String
    /// Milliseconds of sound that were new in it, for the figures.
    package var newAudio: Double

    package init(speaker: ParticipantID, text: String, newAudio: Double) {
        self.speaker = speaker
        self.text = text
        self.newAudio = newAudio
    }
}

/// What media tells of one participant.
package enum MediaNews: Hashable, Sendable {
    case answer(sdp: String)
    /// The tracks that the offer carries, to be told first.
    case offer(sdp: String, tracks: [MappedTrack])
    case connected
    case voice(isOn: Bool)
    /// The participant's message on its first data channel.
    case channelMessage(isText: Bool, [UInt8])
    /// Everything that was sent over the channel has arrived, as was asked for.
    case delivered
    /// The lock that the participant asked for, and whether it got it.
    case locked(Bool)
    case refused(what: String, why: String)
    /// Media is over for this participant: it failed, closed, or never came.
    case over(reason: String)

    package struct MappedTrack: Hashable, Sendable {
        package var mid: String
        /// `voice`, `screen`, `screen-audio` or `video`.
        package var type: String
        package var sender: ParticipantID

        package init(mid: String, type: String, sender: ParticipantID) {
            self.mid = mid
            self.type = type
            self.sender = sender
        }
    }
}

package enum HostOrder: Hashable, Sendable {
    case makeHost(PersonID)
    case mute(ParticipantID)
    case muteOthers
    case stopScreen(ParticipantID)
    case lowerHand(ParticipantID)
    case remove(ParticipantID)
    case endForAll
}

/// Who gives an order, and whether they may give any.
package struct Authority: Hashable, Sendable {
    package var person: PersonID
    package var isAdmin: Bool

    package init(person: PersonID, isAdmin: Bool) {
        self.person = person
        self.isAdmin = isAdmin
    }
}

package enum Expulsion: String, Hashable, Sendable {
    case leftChannel = "you are no longer in this channel"
    case loginEnded = "your login has ended; log in again, then join"
}

package enum CallEnding: String, Hashable, Sendable {
    case lastLeft = "everybody has left"
    case byHost = "the host has ended the call"
    case byApp = "the call was ended by the application"
    case nodeClosed = "the server is closing"
}
