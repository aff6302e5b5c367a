internal import Basics
internal import Calls
internal import Store
internal import Synchronization

/// What was decided for channels, as far as it was asked for lately: a call is started without waiting for
/// the store where that can be helped.
final class ChannelBook: Sendable {
    enum Finding: Sendable {
        case known(isEnabled: Bool?)
        case unknown
    }

    private struct State {
        var switches = RecentlyUsed<ChannelID, Bool?>(capacity: 10_000)
        /// Counts decisions, so that a look into the store that began before one does not undo it.
        var decisions = 0
    }

    private let state = Mutex(State())
    private let store: any DurableStore
    private let log: Log

    init(store: any DurableStore, log: Log) {
        self.store = store
        self.log = log
    }

    func find(_ channel: ChannelID) -> Finding {
        state.withLock { state in
            guard let isEnabled = state.switches.peek(channel) else { return .unknown }
            return .known(isEnabled: isEnabled)
        }
    }

    /// Asks the store. Still unknown if the store can't say.
    func look(for channel: ChannelID) async -> Finding {
        let decisions = state.withLock { $0.decisions }
        do throws(StoreFault) {
            let isEnabled = try await store.channel(channel.description)?.isEnabled
            return state.withLock { state in
                if state.decisions == decisions { state.switches.set(channel, to: isEnabled) }
                return .known(isEnabled: state.switches.peek(channel) ?? isEnabled)
            }
        } catch {
            log.error("a channel could not be looked up", ["why": .error(error)])
            return .unknown
        }
    }

    func set(isEnabled: Bool?, in channel: ChannelID) {
        state.withLock { state in
            state.decisions += 1
            state.switches.set(channel, to: isEnabled)
        }
    }
}
