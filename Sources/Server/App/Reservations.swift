internal import Basics
internal import Calls
internal import IO
internal import Store
internal import Synchronization
internal import Wire

/// A call that an application has announced: until then, whoever may join it may also begin it.
struct Reservation: Hashable, Sendable {
    var channel: ChannelID
    var title: String
    var until: WallTime
}

/// The calls that are announced and have not begun. In memory, and in the store as one document, so that
/// beginning a call waits for nothing. Nodes that share the store tell each other when it has changed.
final class Reservations: Sendable {
    private struct State {
        var byChannel: [ChannelID: Reservation] = [:]
        /// Of the stored document; nil before there is one.
        var version: Int64?
    }

    private let state = Mutex(State())
    private let changed = Mutex<(@Sendable () -> Void)?>(nil)
    private let store: any DurableStore
    private let log: Log

    init(store: any DurableStore, log: Log) {
        self.store = store
        self.log = log
    }

    /// What else is to be done when they have changed here.
    func whenChanged(_ body: @escaping @Sendable () -> Void) {
        changed.withLock { $0 = body }
    }

    /// Reads what a process before this one has stored, or another node.
    func restore() async {
        do throws(StoreFault) {
            guard let value = try await store.value(of: Self.key) else { return }
            take(value)
        } catch {
            log.error("announced calls could not be read", ["why": .error(error)])
        }
    }

    private func take(_ value: VersionedValue, _ change: Change = { _ in }) {
        let found = Self.read(value.bytes)
        state.withLock { state in
            guard state.version.map({ $0 < value.version }) ?? true else { return }
            state.version = value.version
            state.byChannel = [:]
            for reservation in found { state.byChannel[reservation.channel] = reservation }
            change(&state.byChannel)
        }
    }

    private typealias Change = (inout [ChannelID: Reservation]) -> Void

    func find(_ channel: ChannelID) -> Reservation? {
        let now = Loop.readWallClock().seconds
        return state.withLock {
            $0.byChannel[channel].flatMap { $0.until.seconds > now ? $0 : nil }
        }
    }

    func add(_ reservation: Reservation) async throws(AppFault) {
        let now = Loop.readWallClock().seconds
        let hasRoom = state.withLock { state in
            state.byChannel = state.byChannel.filter { $0.value.until.seconds > now }
            let isNew = state.byChannel[reservation.channel] == nil
            guard !isNew || state.byChannel.count < Self.limit else { return false }
            state.byChannel[reservation.channel] = reservation
            return true
        }
        guard hasRoom else {
            throw AppFault(.conflict, "\(Self.limit) calls are announced already; cancel some")
        }
        try await save { $0[reservation.channel] = reservation }
    }

    /// Answers whether there was one.
    func cancel(_ channel: ChannelID) async throws(AppFault) -> Bool {
        let had = state.withLock { $0.byChannel.removeValue(forKey: channel) != nil }
        if had { try await save { $0[channel] = nil } }
        return had
    }

    /// The change is in memory already, and made again to what somebody else has written meanwhile.
    private func save(_ change: Change) async throws(AppFault) {
        for _ in 0..<10 {
            let (text, version) = state.withLock { (Self.text($0.byChannel.values), $0.version) }
            do throws(StoreFault) {
                if let written = try await store.write(text, to: Self.key, ifVersion: version) {
                    state.withLock { $0.version = written }
                    changed.withLock { $0 }?()
                    return
                }
                if let value = try await store.value(of: Self.key) {
                    take(value, change)
                } else {
                    state.withLock { $0.version = nil }
                }
            } catch {
                throw AppFault(error)
            }
        }
        throw AppFault(.serviceUnavailable, "too many announce calls at once; try again")
    }

    private static func text(_ reservations: some Sequence<Reservation>) -> [UInt8] {
        var bytes: [UInt8] = []
        JSONWriter.append(to: &bytes) { json in
            json.beginArray()
            for reservation in reservations {
                json.beginObject()
                json.member("channel", reservation.channel.description)
                json.member("title", reservation.title)
                json.member("until", reservation.until.seconds)
                json.endObject()
            }
            json.endArray()
        }
        return bytes
    }

    private static func read(_ bytes: [UInt8]) -> [Reservation] {
        // Damaged, it announces nothing.
        let json = try? JSONValue(parsing: bytes.span, limits: Self.limits)
        return (json?.array ?? []).compactMap { entry in
            guard let channel = entry["channel"]?.string.flatMap({ ChannelID($0) }),
                let title = entry["title"]?.string, let until = entry["until"]?.integer
            else { return nil }
            return Reservation(channel: channel, title: title, until: WallTime(seconds: until))
        }
    }

    private static let key = "reservations"
    private static let limits = JSONLimits(depth: 3, elements: 16_384)
    /// At 220 bytes each at the most, less than the store takes in one value.
    private static let limit = 1_000
}
