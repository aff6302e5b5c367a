internal import Basics
package import Calls
internal import Crypto
internal import IO
internal import Identity
internal import Synchronization

/// Everybody who is connected and known, and the way to tell them something.
///
/// An event is encoded once. Each of the node's loops has a ``SocketRoom`` with the lines that were opened
/// there, and is visited once an event, however many of its lines are to hear it.
package final class SocketHall: Sendable {
    package enum Hearers: Hashable, Sendable {
        /// Everybody who may see the channel, and those who are in its call without that right.
        case channel(ChannelID, and: Set<PersonID>)
        case participants(Set<PersonID>)
        case person(PersonID)
        case connection(ConnectionID)

        var audience: Audience {
            switch self {
            case .channel: .channel
            case .participants: .participants
            case .person(let person): .person(person)
            case .connection(let connection): .connection(connection)
            }
        }
    }

    private let rooms: [SocketRoom]
    private let register = Mutex(Register())
    private let told: @Sendable (String) -> Void
    private let elsewhere = Mutex<(any LineFinder)?>(nil)
    /// Forwarded to connections that are not here yet.
    private let early = Mutex(EarlyEvents())
    /// Of this node and others, where there are others.
    private let recent = Mutex(RecentEvents())

    private struct Register {
        var homes: [ConnectionID: (room: Int, person: PersonID)] = [:]
        var counts: [PersonID: Int] = [:]
    }

    /// `told` counts what is told, by name.
    init(loops: [Loop], told: @escaping @Sendable (String) -> Void) {
        rooms = loops.map { SocketRoom(loop: $0) }
        self.told = told
    }

    var count: Int { register.withLock { $0.homes.count } }

    // MARK: - Telling

    /// From any thread. What one thread tells, everybody hears in that order.
    func tell(_ hearers: Hearers, _ event: ServerEvent) {
        tell(hearers, ToldEvent(event, for: hearers.audience))
    }

    func tell(_ hearers: Hearers, _ event: ToldEvent) {
        told(event.name)
        let (text, mayWait) = (event.text, event.mayWait)
        if case .connection(let connection) = hearers {
            if let room = home(of: connection) {
                return room.visit { $0.deliver(text, to: hearers, mayWait: mayWait) }
            }
            // Gone, or on its way to another node: then some room has its shadow, which forwards.
        } else if text.stamp != nil {
            recent.withLock { $0.keep(hearers, event, at: Loop.readClock()) }
        }
        for room in rooms {
            room.visit { $0.deliver(text, to: hearers, mayWait: mayWait) }
        }
    }

    /// What another node was told for a connection that has come here meanwhile, or is about to.
    func hear(_ event: ToldEvent, forwardedTo connection: ConnectionID) {
        guard let room = home(of: connection) else {
            return early.withLock { $0.keep(event, for: connection, at: Loop.readClock()) }
        }
        room.visit { $0.deliver(event.text, to: .connection(connection), mayWait: false) }
    }

    // MARK: - Coming and going

    /// What a client hopes to go on with: the connection it had, and the next event it expects of it.
    struct Hope: Sendable {
        var connection: ConnectionID
        var sequence: Int
    }

    /// Gives a socket its line: the one that it hopes for, if that is this person's and still has all
    /// that was missed, or a new one. Answers on the socket's loop, at once where that can be.
    func enter(
        _ seat: SocketSeat,
        hoping hope: Hope?,
        _ answer: @escaping @Sendable (_ connection: ConnectionID, _ isResumed: Bool) -> Void
    ) {
        guard let hope else { return answer(open(seat), false) }
        guard let room = home(of: hope.connection) else {
            guard let elsewhere = elsewhere.withLock({ $0 }) else {
                return answer(open(seat), false)
            }
            seat.socket.loop.begin { [self] in
                guard let (line, marks) = await elsewhere.find(hope, of: seat.person) else {
                    return answer(open(seat), false)
                }
                let isAdopted = adopt(hope, line, marks, for: seat)
                answer(isAdopted ? hope.connection : open(seat), isAdopted)
            }
            return
        }
        room.visit { [self] room in
            let isResumed = room.resume(hope.connection, from: hope.sequence, by: seat)
            seat.socket.loop.visit {
                answer(isResumed ? hope.connection : self.open(seat), isResumed)
            }
        }
    }

    /// On the socket's loop.
    private func open(_ seat: SocketSeat) -> ConnectionID {
        var random = SecureRandom()
        let connection = ConnectionID(Identifier(using: &random))
        note(connection, for: seat)?.visit { [self] room in
            // What was told before its first word is not for it, at whichever node it goes on.
            let before = recent.withLock { $0.all.compactMap(\.event.text.stamp) }
            room.open(connection, for: seat, after: before)
        }
        return connection
    }

    /// On the socket's loop. Goes on with a line that another node has given up. False if somebody else has
    /// brought it here meanwhile, or it has not what was missed.
    private func adopt(
        _ hope: Hope,
        _ line: ConnectionLine,
        _ marks: LineMarks,
        for seat: SocketSeat
    ) -> Bool {
        guard line.missed(from: hope.sequence) != nil, let room = note(hope.connection, for: seat)
        else { return false }
        room.visit { [self] room in
            room.adopt(hope.connection, line, marks, for: seat)
            _ = room.resume(hope.connection, from: hope.sequence, by: seat)
            for entry in recent.withLock({ $0.all }) {
                room.deliver(entry.event.text, heardBy: entry.hearers, to: hope.connection)
            }
            for event in early.withLock({ $0.take(for: hope.connection) }) {
                room.deliver(event.text, to: .connection(hope.connection), mayWait: false)
            }
        }
        return true
    }

    private func note(_ connection: ConnectionID, for seat: SocketSeat) -> SocketRoom? {
        let index = rooms.firstIndex { $0.loop === seat.socket.loop } ?? 0
        return register.withLock { register in
            guard register.homes[connection] == nil else { return nil }
            register.homes[connection] = (index, seat.person)
            register.counts[seat.person, default: 0] += 1
            return rooms[index]
        }
    }

    /// Where lines are that are not here.
    func look(elsewhere finder: any LineFinder) {
        elsewhere.withLock { $0 = finder }
    }

    /// Gives up a line to another node, if it is that person's and still has all that was missed. What is
    /// told to it here for a moment longer is forwarded.
    func release(
        _ connection: ConnectionID,
        of person: PersonID,
        from sequence: Int,
        _ forward: @escaping @Sendable (ToldEvent) -> Void
    ) async -> (ConnectionLine, LineMarks)? {
        guard let room = home(of: connection) else { return nil }
        return await withCheckedContinuation { done in
            room.visit { [self] room in
                let line = room.release(connection, of: person, from: sequence, forward)
                if line != nil { forget(connection) }
                done.resume(returning: line)
            }
        }
    }

    /// Whether the person is connected.
    func has(_ person: PersonID) -> Bool {
        register.withLock { $0.counts[person] != nil }
    }

    /// The socket is gone. Its line stays for a while, unless another socket has it by now;
    /// `isLost` is told that it has not.
    func lose(
        _ connection: ConnectionID,
        of seat: SocketSeat,
        _ isLost: @escaping @Sendable () -> Void
    ) {
        home(of: connection)?.visit { [self] room in
            guard let surplus = room.lose(connection, of: seat) else { return }
            isLost()
            for old in surplus { remove(old) }
            room.loop.schedule(at: room.loop.now + Self.grace) { [weak self] in
                self?.removeIfLost(connection, since: seat)
            }
        }
    }

    /// The client has all events before that number.
    func hasReceipt(_ number: Int, for connection: ConnectionID, from seat: SocketSeat) {
        home(of: connection)?.visit { $0.hasReceipt(number, for: connection, from: seat) }
    }

    /// Has the client of a connection come by another node; its line stays for that.
    func sendAway(_ connection: ConnectionID, _ why: String) {
        home(of: connection)?.visit { $0.sendAway(connection, why) }
    }

    /// Nobody may come back to the line.
    func end(_ connection: ConnectionID) { remove(connection) }

    /// Whether the person is connected by anything but this.
    func hasOthers(_ person: PersonID) -> Bool {
        register.withLock { $0.counts[person, default: 0] > 1 }
    }

    private func removeIfLost(_ connection: ConnectionID, since seat: SocketSeat) {
        home(of: connection)?.visit { [self] room in
            if room.isLost(connection, since: seat) { remove(connection) }
        }
    }

    private func remove(_ connection: ConnectionID) {
        guard let home = forget(connection) else { return }
        rooms[home].visit { $0.remove(connection) }
    }

    /// Answers the room that the line was in.
    @discardableResult
    private func forget(_ connection: ConnectionID) -> Int? {
        register.withLock { register in
            guard let home = register.homes.removeValue(forKey: connection) else {
                return nil as Int?
            }
            let count = register.counts[home.person, default: 1] - 1
            register.counts[home.person] = count > 0 ? count : nil
            return home.room
        }
    }

    private func home(of connection: ConnectionID) -> SocketRoom? {
        register.withLock { $0.homes[connection]?.room }.map { rooms[$0] }
    }

    /// As long as clients try to come back.
    private static let grace = Duration.seconds(30)
}
