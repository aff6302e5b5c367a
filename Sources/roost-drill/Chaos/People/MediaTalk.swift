package import Basics
package import Callers
internal import Wire

/// What is said about one link of media to a node, as clients of calls do: an offer of a data channel alone; once
/// that is open, and who is to be heard has the lock, an offer with the voice. A value that is told what happens.
///
///     begun ──offer, answer──▶ open ──lock, offer, answer, unlock──▶ open, and heard
///
/// What the node offers is answered whenever it comes.
package struct MediaTalk: Sendable {
    package enum Event: Sendable {
        case begin
        case due
        case media(CallerEvent)
        /// What a `signal` says: JSON of a type and an SDP.
        case signalled(String)
        /// A description of the caller's, as it was asked for.
        case offered(String)
        case answered(String)
        /// The websocket is another one, and the last offer may have gone down with the one before.
        case said
    }

    package enum Action: Equatable, Sendable {
        case offer
        case answer(String)
        case accept(String)
        case publish
        case sayOnChannel([UInt8])
        case describe(String, as: String)
        /// It is over, or the node said what can't be read.
        case failed(String)
    }

    private let speaks: Bool
    private var isOpen = false
    private var lockAsked: Instant?
    private var holdsLock = false
    /// The offer that waits for its answer.
    private var offer: String?
    private var nextPing: Instant?

    package init(speaks: Bool) {
        self.speaks = speaks
    }

    /// When it wants to be told ``Event/due``.
    package var deadline: Instant? {
        [lockAsked.map { $0 + Self.lockPause }, nextPing].compactMap(\.self).min()
    }

    package mutating func receive(_ event: Event, at now: Instant) -> [Action] {
        switch event {
        case .begin: return [.offer]
        case .due: return due(at: now)
        case .media(let event): return media(event, at: now)
        case .signalled(let text): return signalled(text, at: now)
        case .offered(let sdp):
            offer = sdp
            return [.describe(sdp, as: "offer")]
        case .answered(let sdp): return [.describe(sdp, as: "answer")]
        case .said: return offer.map { [.describe($0, as: "offer")] } ?? []
        }
    }

    private mutating func due(at now: Instant) -> [Action] {
        var actions: [Action] = []
        if let due = nextPing, due <= now {
            nextPing = now + .seconds(1)
            actions.append(.sayOnChannel([Word.ping]))
        }
        if let asked = lockAsked, asked + Self.lockPause <= now { askForLock(at: now, &actions) }
        return actions
    }

    private mutating func media(_ event: CallerEvent, at now: Instant) -> [Action] {
        var actions: [Action] = []
        switch event {
        case .connected, .pictureWanted: break
        case .channelOpen:
            isOpen = true
            nextPing = now + .seconds(1)
            if speaks {
                actions.append(.publish)
                askForLock(at: now, &actions)
            }
        case .message(let bytes):
            guard bytes.first == Word.lock, bytes.last == Self.yes, lockAsked != nil else {
                break
            }
            lockAsked = nil
            holdsLock = true
            actions.append(.offer)
        case .mustOffer:
            // What was offered before the channel was open, or under the lock, is offered again at once.
            offer = nil
            if isOpen, !holdsLock { askForLock(at: now, &actions) } else { actions.append(.offer) }
        case .over(let ending): actions.append(.failed("\(ending)"))
        }
        return actions
    }

    private mutating func askForLock(at now: Instant, _ actions: inout [Action]) {
        lockAsked = now
        actions.append(.sayOnChannel([Word.lock]))
    }

    private mutating func signalled(_ text: String, at now: Instant) -> [Action] {
        let signal: JSONValue
        do throws(JSONFault) {
            signal = try JSONValue(parsing: [UInt8](text.utf8).span)
        } catch {
            return [.failed("the node signalled what can't be read: \(error)")]
        }
        let sdp = signal["sdp"]?.string ?? ""
        switch signal["type"]?.string {
        case "offer": return [.answer(sdp)]
        case "answer":
            // An offer that was said again is answered again.
            guard offer != nil else { return [] }
            offer = nil
            guard holdsLock else { return [.accept(sdp)] }
            holdsLock = false
            return [.accept(sdp), .sayOnChannel([Word.unlock])]
        default: return []
        }
    }

    /// Types of what is said on the data channel.
    private enum Word {
        static let ping: UInt8 = 1
        static let lock: UInt8 = 7
        static let unlock: UInt8 = 8
    }

    /// True, as MessagePack has it.
    private static let yes: UInt8 = 0xC3
    private static let lockPause = Duration.milliseconds(100)
}
