/// How a call stands, as one person may see it: the object that clients take over as a whole.
package struct CallPicture: Hashable, Sendable {
    package struct Participant: Hashable, Sendable {
        package var id: ParticipantID
        package var person: PersonID
        package var isMuted: Bool
        /// Milliseconds since 1970, or 0.
        package var handRaised: Int64
        package var hasVideo: Bool

        package init(
            id: ParticipantID,
            person: PersonID,
            isMuted: Bool,
            handRaised: Int64,
            hasVideo: Bool
        ) {
            self.id = id
            self.person = person
            self.isMuted = isMuted
            self.handRaised = handRaised
            self.hasVideo = hasVideo
        }
    }

    package var beginning: CallBeginning
    /// In the order in which they came; without the bot.
    package var participants: [Participant]
    package var sharer: ParticipantID?
    package var host: PersonID?
    package var recording: JobPicture?
    package var transcription: JobPicture?
    package var captions: JobPicture?
    /// Whether the person whose picture this is does not want to be rung.
    package var isDismissedBy: PersonID?

    package init(
        beginning: CallBeginning,
        participants: [Participant],
        sharer: ParticipantID? = nil,
        host: PersonID? = nil,
        recording: JobPicture? = nil,
        transcription: JobPicture? = nil,
        captions: JobPicture? = nil,
        isDismissedBy: PersonID? = nil
    ) {
        self.beginning = beginning
        self.participants = participants
        self.sharer = sharer
        self.host = host
        self.recording = recording
        self.transcription = transcription
        self.captions = captions
        self.isDismissedBy = isDismissedBy
    }
}

/// How a recording, transcription or captioning stands.
package struct JobPicture: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case recording
        case transcribing
        case captioning
    }

    package var kind: Kind
    /// Milliseconds since 1970, or 0, as are the next two.
    package var requested: Int64
    package var started: Int64
    package var ended: Int64
    package var fault: String?

    package init(
        kind: Kind,
        requested: Int64,
        started: Int64 = 0,
        ended: Int64 = 0,
        fault: String? = nil
    ) {
        self.kind = kind
        self.requested = requested
        self.started = started
        self.ended = ended
        self.fault = fault
    }
}
