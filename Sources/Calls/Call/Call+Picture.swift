extension Call {
    /// How the call stands, as this person may see it; nil unless it runs.
    package func picture(for person: PersonID?) -> CallPicture? {
        guard let beginning else { return nil }
        var participants: [CallPicture.Participant] = []
        participants.reserveCapacity(roster.count)
        // By place, which copies no session.
        for place in roster.sessions.indices where !roster.sessions[place].isBot {
            participants.append(roster.sessions[place].picture)
        }
        return CallPicture(
            beginning: beginning,
            participants: participants,
            sharer: screen?.sharer,
            host: host,
            isDismissedBy: person.flatMap { dismissed.contains($0) ? $0 : nil }
        )
    }

    /// Everybody in the call, in the order in which they came; without bots.
    package var participants: [ParticipantID] {
        roster.sessions.compactMap { $0.isBot ? nil : $0.id }
    }

    /// Everybody to whom participants' events go, each once; bots last.
    package var people: [PersonID] { Array(roster.people) + bots }

    /// Who records or transcribes, each once. The channel's events go to them as well.
    package var bots: [PersonID] { roster.bots }

    /// Sessions, bots' included, as limits count them.
    package var sessionCount: Int { roster.count }

    /// Whether all clients in it begin media anew by themselves where it goes on, and none still has to.
    package var isFollowed: Bool {
        roster.sessions.allSatisfy { $0.followsHost && !$0.awaitsMedia && !$0.awaitsOffer }
    }

    package func isIn(_ person: PersonID) -> Bool { roster.contains(person) }

    package func person(of id: ParticipantID) -> PersonID? { roster[id]?.person }

    /// The connection by which a participant is reached now.
    package func connection(of id: ParticipantID) -> ConnectionID? { roster[id]?.connection }

    /// Whom a live connection speaks for.
    package func participant(at connection: ConnectionID) -> ParticipantID? {
        roster.place(reachedBy: connection).map { roster[$0].id }
    }

    /// Who shares a screen.
    package var sharer: ParticipantID? { screen?.sharer }
}
