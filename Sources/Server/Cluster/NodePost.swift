internal import Basics
internal import Calls
internal import Cluster
internal import Coordination
internal import Wire

/// Takes what other nodes say to this one to whom it concerns. On the loop of the links.
final class NodePost: LetterReceiver {
    private let calls: CallDirectory
    private let hall: SocketHall
    private let desk: LoginDesk
    private let reservations: Reservations
    private let figures: ClusterFigures
    private let log: Log

    init(
        calls: CallDirectory,
        hall: SocketHall,
        desk: LoginDesk,
        reservations: Reservations,
        figures: ClusterFigures,
        log: Log
    ) {
        self.calls = calls
        self.hall = hall
        self.desk = desk
        self.reservations = reservations
        self.figures = figures
        self.log = log
    }

    func receive(_ content: [UInt8], from sender: MemberID) {
        do throws(PackFault) {
            let letter = try NodeLetter(packed: content)
            figures.came(letter.name)
            take(letter, from: sender)
        } catch {
            unreadable(error, from: sender)
        }
    }

    private func take(_ letter: NodeLetter, from sender: MemberID) {
        switch letter {
        case .tell(let hearers, let event): hall.tell(hearers, event)
        case .forward(let connection, let event): hall.hear(event, forwardedTo: connection)
        case .vacate(let connection, let ticket): calls.vacate(connection, ticket: ticket)
        case .again(let connection, let ticket):
            calls.retry(connection, ticket: ticket, from: sender)
        case .stray(let connection, let ticket):
            calls.follow(connection, ticket: ticket, from: sender)
        case .over(let channel, _): calls.callIsOver(in: channel, at: sender)
        case .moved(let channel): calls.callHasMoved(in: channel, from: sender)
        case .decided(let channel, let isEnabled):
            calls.note(isEnabled: isEnabled, in: channel)
        case .reserved: Task { [reservations] in await reservations.restore() }
        case .loggedOut(let key): desk.forget(keyed: key)
        }
    }

    /// A letter to a call that is not here.
    func stray(_ content: [UInt8], to name: ActorAddress.Name, from sender: MemberID) {
        guard case .call(let place) = name, let channel = ChannelID(place.description) else {
            return
        }
        do throws(PackFault) {
            calls.answer(stray: try CallLetter(packed: content), for: channel, from: sender)
        } catch {
            unreadable(error, from: sender)
        }
    }

    private func unreadable(_ fault: PackFault, from sender: MemberID) {
        log.error(
            "a letter from another node can't be read; bring all nodes to one version",
            ["node": .string(sender.description), "why": .error(fault)]
        )
    }
}

extension NodeLetter {
    /// For figures.
    fileprivate var name: String {
        switch self {
        case .tell: "tell"
        case .forward: "forward"
        case .vacate: "vacate"
        case .again: "again"
        case .stray: "stray"
        case .over: "over"
        case .moved: "moved"
        case .decided: "decided"
        case .reserved: "reserved"
        case .loggedOut: "logged_out"
        }
    }
}
