internal import Basics
internal import Calls
internal import Coordination
internal import IO
internal import Synchronization

// Calls that are about to move here.
extension CallDirectory {
    /// A call of another node's is about to come here. False if more are than may be.
    func prepare(_ channel: ChannelID, _ snapshot: [UInt8]) -> Bool {
        let now = Loop.readClock()
        return state.withLock { state in
            state.prepared = state.prepared.filter {
                now - $0.value.at < Self.preparedTime || !$0.value.letters.isEmpty
            }
            guard state.prepared.count < Self.preparedLimit, !state.isClosed else { return false }
            state.prepared[channel] = State.Prepared(snapshot: snapshot, at: now)
            return true
        }
    }

    /// Keeps what is said to a call that is about to be here: whoever gave it away sends those who are in it
    /// after it at once, and Redis may have to be asked first whether it is here. On the loop of the links,
    /// which is also where ``take(over:_:_:)`` is called.
    func keep(_ letter: CallLetter, for channel: ChannelID, from sender: MemberID) -> Bool {
        let now = Loop.readClock()
        let count = state.withLock { state -> Int? in
            guard let prepared = state.prepared[channel], now - prepared.at < Self.preparedTime,
                prepared.letters.count < Self.letterLimit
            else { return nil }
            state.prepared[channel]?.letters.append((letter, sender))
            return prepared.letters.count
        }
        guard let count else { return false }
        if count == 0 { giveUpWaiting(for: channel) }
        return true
    }

    /// If the call does not come, those who wait for it are told.
    private func giveUpWaiting(for channel: ChannelID) {
        let loop = loop(for: channel)
        loop.begin { [self] in
            await loop.sleep(for: Self.letterTime)
            let letters = state.withLock { $0.prepared.removeValue(forKey: channel)?.letters }
            for (letter, sender) in letters ?? [] {
                answer(stray: letter, for: channel, from: sender)
            }
        }
    }

    private static let preparedTime = Duration.seconds(10)
    private static let preparedLimit = 1_000
    /// Longer than a move may take.
    private static let letterTime = Duration.seconds(4)
    private static let letterLimit = 4_096
}
