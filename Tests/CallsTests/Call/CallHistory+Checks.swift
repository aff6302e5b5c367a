import Basics
import Calls

extension CallHistory {
    /// Tells the call, brings its answer to clients and media, and checks that all holds.
    mutating func tell(_ event: CallEvent) {
        if past.count < 200 { past.append(event) }
        let before = stage.call
        let actions = stage.call.receive(event, at: stage.now)
        remember(event, actions, before)
        for action in actions { perform(action) }
        check(actions.filter { if case .answer = $0 { true } else { false } }.count, event)
        if case .reconnect(let wish) = event, clients[wish.connection] == nil {
            // The word was late: its connection is dead, as the server says next.
            return tell(.connectionLost(wish.connection))
        }
        checkMirrors()
        checkCall()
    }

    private mutating func remember(_ event: CallEvent, _ actions: [CallAction], _ before: Call) {
        switch event {
        case .join(let joiner):
            let id = ParticipantID(first: joiner.connection)
            if stage.call.person(of: id) != nil, before.person(of: id) == nil {
                sessions[id] = (joiner.person, [joiner.connection])
            }
        case .reconnect(let wish):
            guard stage.call.participant(at: wish.connection) == wish.participant else { break }
            sessions[wish.participant]?.connections.append(wish.connection)
            absent[wish.participant] = nil
        case .connectionLost(let connection): clients[connection] = nil
        case .order(.remove(let id), _):
            if actions.contains(.answer(.done)), let person = before.person(of: id) {
                removed.insert(person)
            }
        case .expel(let person, .leftChannel):
            if before.people.contains(person) { removed.insert(person) }
        case .said, .media, .order, .dismiss, .expel, .end, .woke: break
        }
    }

    private mutating func perform(_ action: CallAction) {
        if isOver {
            switch action {
            case .tell(.connection, .error), .note, .answer: break
            default: faults.append("a call that is over still answers \(action)")
            }
        }
        switch action {
        case .tell(let audience, let event): deliver(event, to: audience)
        case .media(let id, let order): carryOut(order, id)
        case .remember(let memory): memories.append(memory)
        case .over: isOver = true
        case .answer, .note: break
        }
    }

    private mutating func deliver(_ event: ServerEvent, to audience: Audience) {
        let people = Set(stage.call.people)
        for (connection, client) in clients {
            let isReached =
                switch audience {
                case .channel:
                    client.person == Self.bot
                        ? people.contains(Self.bot) : !outside.contains(client.person)
                case .participants: people.contains(client.person)
                case .person(let person): client.person == person
                case .connection(let other): connection == other
                }
            if isReached { clients[connection]?.mirror.apply(event) }
        }
        if case .hand(_, _, _, let time) = event, time != 0 {
            if time <= latestHand { faults.append("a hand went up before another that was up") }
            latestHand = time
        }
    }

    private mutating func carryOut(_ order: MediaOrder, _ id: ParticipantID) {
        switch order {
        case .join:
            if media[id] != nil { faults.append("\(id) joins media twice") }
            media[id] = false
        case .leave:
            if media.removeValue(forKey: id) == nil { faults.append("\(id) leaves media twice") }
        case .mute(let isMuted): media[id] = media[id].map { _ in isMuted }
        case .screenOn, .screenOff, .videoOn, .videoOff, .description, .lock, .unlock, .send: break
        }
        if media[id] == nil, order != .leave { faults.append("\(id) is told \(order) when gone") }
    }

    // MARK: - What must hold

    private mutating func check(_ answers: Int, _ event: CallEvent) {
        let isOrder = if case .order = event { true } else { false }
        if answers != (isOrder ? 1 : 0) { faults.append("\(answers) answers to \(event)") }
    }

    private mutating func checkMirrors() {
        let people = Set(stage.call.people)
        if !people.contains(Self.bot) {
            // Nobody tells a bot that is not in the call how it goes on.
            for (connection, client) in clients where client.person == Self.bot {
                clients[connection]?.mirror.take(nil)
            }
        }
        for connection in clients.keys {
            guard let person = clients[connection]?.person, !people.contains(person) else {
                continue
            }
            clients[connection]?.mirror.forgetVoices()
        }
        for (connection, client) in clients where !outside.contains(client.person) {
            guard let mirrored = client.mirror.picture else { continue }
            let picture = stage.call.picture(for: client.person)
            if people.contains(client.person) {
                if mirrored != picture {
                    faults.append(
                        "\(connection) sees \(mirrored), not \(String(describing: picture))"
                    )
                }
            } else if mirrored.participants.map(\.id) != picture?.participants.map(\.id) {
                faults.append("\(connection), not in the call, sees others in it than there are")
            }
        }
        var speaking: Set<ParticipantID>?
        for id in media.keys.sorted() {
            guard let connection = stage.call.connection(of: id) else { continue }
            guard let mirror = clients[connection]?.mirror, let picture = mirror.picture else {
                faults.append("\(id) is reached by \(connection), which knows no call")
                continue
            }
            if speaking.map({ $0 != mirror.speaking }) == true {
                faults.append("\(connection) hears others speak than the rest do")
            }
            speaking = mirror.speaking
            for other in picture.participants where other.isMuted {
                guard mirror.speaking.contains(other.id) else { continue }
                faults.append("\(connection) hears \(other.id), who is muted")
            }
        }
    }

    private mutating func checkCall() {
        let call = stage.call
        let picture = call.picture(for: nil)
        let participants = picture?.participants ?? []
        let people = participants.map(\.person)
        if let host = picture?.host {
            if !people.contains(host) { faults.append("the host is not in the call") }
        } else if !participants.isEmpty {
            faults.append("nobody hosts")
        }
        if picture != nil, participants.isEmpty { faults.append("the call goes on without people") }
        if let sharer = call.sharer, !participants.contains(where: { $0.id == sharer }) {
            faults.append("who shares is not in the call")
        }
        let hands = participants.map(\.handRaised).filter { $0 != 0 }
        if Set(hands).count != hands.count { faults.append("two hands are up since one time") }
        let limit = rules.participantLimit
        if limit > 0, call.sessionCount > limit { faults.append("too many are in the call") }
        if people.contains(where: removed.contains) { faults.append("who was removed is back") }
        if media.count != call.sessionCount { faults.append("media has others than the call") }
        for participant in participants where media[participant.id] != participant.isMuted {
            faults.append("\(participant.id) is muted in media or in the call alone")
        }
        if call.isOver, call.sessionCount != 0 || call.deadline != nil {
            faults.append("the call is over, and not")
        }
        checkAbsences()
        if call.isOver { checkMemories() }
    }

    private mutating func checkAbsences() {
        let now = stage.now.instant
        for id in media.keys {
            guard stage.call.connection(of: id) == nil else {
                absent[id] = nil
                continue
            }
            let since = absent[id] ?? now
            absent[id] = since
            guard let deadline = stage.call.deadline, deadline <= since + rules.reconnectGrace
            else {
                faults.append("\(id) is a ghost")
                continue
            }
        }
        for id in absent.keys where media[id] == nil { absent[id] = nil }
        for connection in media.keys.compactMap({ stage.call.connection(of: $0) })
        where clients[connection] == nil {
            faults.append("\(connection) is dead, and somebody is reached by it")
        }
    }

    private mutating func checkMemories() {
        guard !memories.isEmpty else { return }
        var here: Set<ParticipantID> = []
        var people: [PersonID] = []
        for memory in memories {
            switch memory {
            case .began, .ended: break
            case .joined(let id, let person, _):
                if !here.insert(id).inserted { faults.append("\(id) is remembered to join twice") }
                if !people.contains(person) { people.append(person) }
            case .left(let id, _, _, _):
                if here.remove(id) == nil { faults.append("\(id) is remembered to leave twice") }
            }
        }
        guard here.isEmpty, case .began? = memories.first,
            case .ended(let summary)? = memories.last, summary.people == people
        else {
            faults.append("history does not say who was there: \(memories)")
            return
        }
    }
}
