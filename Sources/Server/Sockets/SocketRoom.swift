internal import Basics
internal import Calls
internal import IO
internal import Identity
internal import Wire

/// The lines that were opened on one loop: who is to hear what, and who was here a moment ago.
///
/// A line stays here for life, also when it is resumed by a socket of another loop, so that what is told
/// has one order. Who may see a channel is looked up by the channel where a person's rights name it;
/// those who may see channels that nothing names are asked one by one, since most of them are to hear it.
actor SocketRoom {
    private final class Line {
        let connection: ConnectionID
        let person: PersonID
        /// Who has it now, or had it last.
        var seat: SocketSeat {
            didSet {
                seesUnnamed = Self.seesUnnamed(seat)
                owesReceipt = false
            }
        }
        /// Whether it may see channels that its person's rights do not name.
        private(set) var seesUnnamed: Bool
        var isLost = false
        var numbered = ConnectionLine()
        /// The number that was next when the room was last swept.
        var mark = 0
        /// Whether its socket holds something back until the room's next flush.
        var holdsBack = false
        /// How much it was told alone since its client was last asked whether it has all that.
        private var toldAlone = 0
        private var owesReceipt = false
        /// What it has heard, here or at the node where it was before.
        var marks = LineMarks()
        /// Where what is told to it alone goes, for a moment after it has left for another node. The rest is
        /// heard there as it is here.
        var forward: (@Sendable (ToldEvent) -> Void)?

        init(_ connection: ConnectionID, _ seat: SocketSeat) {
            self.connection = connection
            self.seat = seat
            person = seat.person
            seesUnnamed = Self.seesUnnamed(seat)
        }

        func may(see channel: ChannelID) -> Bool {
            seat.principal.may(.read, in: channel.identifier)
        }

        private static func seesUnnamed(_ seat: SocketSeat) -> Bool {
            seat.principal.isAdmin || seat.principal.rightsElsewhere.contains(.read)
        }

        /// What is told to it alone, or to its person, is kept for nobody else: when that is much, the client
        /// is asked to say that it has got it.
        func tellAlone(_ text: EventText) {
            tell(text)
            toldAlone += text.count
            guard toldAlone >= SocketRoom.muchToKeep, !isLost, forward == nil, !owesReceipt else {
                return
            }
            (toldAlone, owesReceipt) = (0, true)
            seat.socket.askReceipt(numbered.next)
        }

        func hasReceipt(_ number: Int) {
            owesReceipt = false
            numbered.forget(before: number)
        }

        func tell(_ text: EventText, isHeldBack: Bool = false) {
            if let forward {
                guard text.stamp == nil else { return }
                return forward(ToldEvent(name: "forwarded", text: text, mayWait: false))
            }
            if let stamp = text.stamp, !marks.admits(stamp) { return }
            let text = numbered.append(text)
            guard !isLost else { return }
            seat.socket.send(text: text.start, then: text.end, isHeldBack: isHeldBack)
        }
    }

    nonisolated let loop: Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    private typealias Lines = [ConnectionID: Line]

    private var lines: Lines = [:]
    private var byPerson: [PersonID: Lines] = [:]
    /// Lines of those whose rights name the channel.
    private var byChannel: [ChannelID: Lines] = [:]
    /// Lines of those who may see channels that nothing names.
    private var general: Lines = [:]
    private var lost: [PersonID: [ConnectionID]] = [:]
    private var isSweepBooked = false
    /// Lines whose sockets hold something back.
    private var holding: [Line] = []

    init(loop: Loop) {
        self.loop = loop
    }

    nonisolated func visit(_ body: @escaping @Sendable (isolated SocketRoom) -> Void) {
        loop.visit { self.assumeIsolated { body($0) } }
    }

    // MARK: - Telling

    /// `mayWait`: if there are many to tell, it is sent with what comes within a moment.
    func deliver(_ text: EventText, to hearers: SocketHall.Hearers, mayWait: Bool) {
        switch hearers {
        case .connection(let connection):
            lines[connection]?.tellAlone(text)
        case .person(let person):
            guard let lines = byPerson[person] else { return }
            for line in lines.values { line.tellAlone(text) }
        case .participants(let people):
            guard people.count < byPerson.count else {
                for (person, lines) in byPerson where people.contains(person) {
                    for line in lines.values { line.tell(text) }
                }
                return
            }
            for person in people {
                guard let lines = byPerson[person] else { continue }
                for line in lines.values { line.tell(text) }
            }
        case .channel(let channel, let outsiders):
            let named = byChannel[channel] ?? [:]
            let isHeldBack = mayWait && general.count + named.count >= Self.many
            for person in outsiders {
                guard let lines = byPerson[person] else { continue }
                for line in lines.values where !line.may(see: channel) {
                    tell(line, text, isHeldBack)
                }
            }
            for line in general.values where line.may(see: channel) {
                tell(line, text, isHeldBack)
            }
            // Each of these may see it, or it would not be here.
            for line in named.values where !line.seesUnnamed { tell(line, text, isHeldBack) }
        }
    }

    /// Tells one line what those hearers were told, if it is one of them and has not heard it.
    func deliver(
        _ text: EventText,
        heardBy hearers: SocketHall.Hearers,
        to connection: ConnectionID
    ) {
        guard let line = lines[connection] else { return }
        let isHearer =
            switch hearers {
            case .channel(let channel, let others):
                others.contains(line.person) || line.may(see: channel)
            case .participants(let people): people.contains(line.person)
            case .person(let person): person == line.person
            case .connection(let other): other == connection
            }
        if isHearer { line.tell(text) }
    }

    private func tell(_ line: Line, _ text: EventText, _ isHeldBack: Bool) {
        line.tell(text, isHeldBack: isHeldBack)
        guard isHeldBack, !line.holdsBack else { return }
        line.holdsBack = true
        holding.append(line)
        guard holding.count == 1 else { return }
        loop.schedule(at: loop.now + Self.holdingTime) { [weak self] in
            self?.assumeIsolated { $0.flush() }
        }
    }

    private func flush() {
        let lines = holding
        holding = []
        for line in lines {
            line.holdsBack = false
            if !line.isLost { line.seat.socket.flush() }
        }
    }

    /// From so many on, a send for each event and each of them would be most of the room's work.
    private static let many = 32
    /// Shorter than it takes to notice; several events long when a thousand join within seconds.
    private static let holdingTime = Duration.milliseconds(50)

    // MARK: - Coming and going

    func open(_ connection: ConnectionID, for seat: SocketSeat, after before: [EventStamp]) {
        let line = take(Line(connection, seat))
        for stamp in before { _ = line.marks.admits(stamp) }
        line.tell(.hello(connection, version: Version.protocolNumber))
    }

    /// Takes over a line that another node had, to be resumed at once.
    func adopt(
        _ connection: ConnectionID,
        _ numbered: ConnectionLine,
        _ marks: LineMarks,
        for seat: SocketSeat
    ) {
        // It may have been here before, and left a shadow.
        remove(connection)
        let line = Line(connection, seat)
        line.numbered = numbered
        line.isLost = true
        line.marks = marks
        take(line)
    }

    @discardableResult
    private func take(_ line: Line) -> Line {
        lines[line.connection] = line
        byPerson[line.person, default: [:]][line.connection] = line
        index(line)
        sweepLater()
        return line
    }

    /// What was told on a line that goes on elsewhere. The socket that it has here is closed; its shadow
    /// stays for a moment and forwards what is told before the other node hears it itself.
    func release(
        _ connection: ConnectionID,
        of person: PersonID,
        from sequence: Int,
        _ forward: @escaping @Sendable (ToldEvent) -> Void
    ) -> (ConnectionLine, LineMarks)? {
        guard let line = lines[connection], line.person == person,
            line.numbered.missed(from: sequence) != nil
        else { return nil }
        if !line.isLost {
            line.seat.socket.close(
                .policyViolation,
                reason: "this connection was resumed elsewhere"
            )
        }
        if line.isLost { found(line) }
        line.isLost = true
        line.forward = forward
        loop.schedule(at: loop.now + Self.shadowTime) { [weak self] in
            self?.assumeIsolated { room in
                if room.lines[connection]?.forward != nil { room.remove(connection) }
            }
        }
        return (line.numbered, line.marks)
    }

    private static let shadowTime = Duration.seconds(3)

    /// Lets the socket go on with a line after the events it has seen. False if the line is not that
    /// person's, or what was missed is not all there any more.
    func resume(_ connection: ConnectionID, from sequence: Int, by seat: SocketSeat) -> Bool {
        guard let line = lines[connection], line.person == seat.person,
            let missed = line.numbered.missed(from: sequence)
        else { return false }
        if line.isLost {
            line.isLost = false
            found(line)
        } else {
            line.seat.socket.close(
                .policyViolation,
                reason: "this connection was resumed elsewhere"
            )
        }
        unindex(line)
        line.seat = seat
        index(line)
        for text in missed { seat.socket.send(text: text.start, then: text.end) }
        line.tell(.hello(connection, version: Version.protocolNumber))
        return true
    }

    /// Notes that the socket is gone: answers which lines of the person's are too many now. Nil if the
    /// line has another socket, or is no more.
    func lose(_ connection: ConnectionID, of seat: SocketSeat) -> [ConnectionID]? {
        guard let line = lines[connection], line.seat === seat, !line.isLost else { return nil }
        line.isLost = true
        lost[line.person, default: []].append(connection)
        let surplus = lost[line.person, default: []].count - Self.lostPerPerson
        return surplus > 0 ? Array(lost[line.person, default: []].prefix(surplus)) : []
    }

    /// The client has all events before that number, so that none of them has to be kept.
    func hasReceipt(_ number: Int, for connection: ConnectionID, from seat: SocketSeat) {
        guard let line = lines[connection], line.seat === seat, !line.isLost else { return }
        line.hasReceipt(number)
    }

    /// Closes a line's socket, for its client to come by another node.
    func sendAway(_ connection: ConnectionID, _ why: String) {
        guard let line = lines[connection], !line.isLost else { return }
        line.seat.socket.close(.serviceRestart, reason: why)
    }

    func isLost(_ connection: ConnectionID, since seat: SocketSeat) -> Bool {
        guard let line = lines[connection], line.forward == nil else { return false }
        return line.isLost && line.seat === seat
    }

    func remove(_ connection: ConnectionID) {
        guard let line = lines.removeValue(forKey: connection) else { return }
        byPerson[line.person]?[connection] = nil
        if byPerson[line.person]?.isEmpty == true { byPerson[line.person] = nil }
        unindex(line)
        if line.isLost { found(line) }
    }

    private func found(_ line: Line) {
        lost[line.person]?.removeAll { $0 == line.connection }
        if lost[line.person]?.isEmpty == true { lost[line.person] = nil }
    }

    /// Whoever is still there after half a minute has what it was told before that, and if not, it is not
    /// worth keeping for all of them: the state of a call of a thousand is large, and each has its own.
    private func sweepLater() {
        guard !isSweepBooked, !lines.isEmpty else { return }
        isSweepBooked = true
        loop.schedule(at: loop.now + Self.sweepInterval) { [weak self] in
            self?.assumeIsolated { room in
                room.isSweepBooked = false
                room.sweep()
                room.sweepLater()
            }
        }
    }

    private func sweep() {
        for line in lines.values where !line.isLost {
            line.numbered.forget(before: line.mark)
            line.mark = line.numbered.next
        }
    }

    private static let sweepInterval = Duration.seconds(30)
    /// In bytes: the state of a call of twenty, or two descriptions of media.
    private static let muchToKeep = 4_096

    private func index(_ line: Line) {
        if line.seesUnnamed { general[line.connection] = line }
        guard !line.seat.principal.isAdmin else { return }
        for (channel, rights) in line.seat.principal.rightsByChannel where rights.contains(.read) {
            byChannel[ChannelID(channel), default: [:]][line.connection] = line
        }
    }

    private func unindex(_ line: Line) {
        general[line.connection] = nil
        for channel in line.seat.principal.rightsByChannel.keys {
            byChannel[ChannelID(channel)]?[line.connection] = nil
            if byChannel[ChannelID(channel)]?.isEmpty == true {
                byChannel[ChannelID(channel)] = nil
            }
        }
    }

    /// More lines than this of one person are not kept without a socket.
    private static let lostPerPerson = 4
}
