internal import Basics
internal import IO
internal import Synchronization

/// Reads again and again where Redis says that the calls are, and writes down what is new.
final class PlaceWatch: @unchecked Sendable {
    private let loop: Loop
    private let client: RedisClient
    private let recorder: Recorder
    private let channels: [String]
    private let seen = Mutex<[String: Seen]>([:])
    private let moves = Mutex<[String: Int]>([:])

    // On the loop.
    private var isOver = false

    private struct Seen: Equatable {
        var token: String
        var node: String
    }

    init(_ place: RedisPlace, channels: [String], recorder: Recorder) throws {
        loop = try Loop(name: "places")
        self.channels = channels
        self.recorder = recorder
        client = RedisClient(place, loop: loop, resolver: try NameResolver(threads: 1))
    }

    func begin() { loop.execute { [self] in tick() } }

    /// The channels whose calls are at the node of that name, as it was at most a moment ago.
    func channels(at node: String) -> [String] {
        seen.withLock { seen in
            seen.filter { $0.value.node == node }.map(\.key).sorted()
        }
    }

    /// How often the call of each channel has been at another node than before.
    var turns: [String: Int] { moves.withLock { $0 } }

    func end() {
        loop.execute { [self] in
            isOver = true
            client.assumeIsolated { $0.close() }
        }
        loop.stop()
    }

    private func tick() {
        guard !isOver else { return }
        for channel in channels {
            let key = "r1:{roost}:room:\(channel)"
            client.ask(RedisCommand("HMGET", key, "token", "nid"), atOnce: true) {
                [self] result, _ in
                // While Redis is away there is nothing to be seen.
                guard case .success(let value) = result else { return }
                take(value, channel)
            }
        }
        loop.schedule(at: loop.now + .milliseconds(20)) { [self] in tick() }
    }

    private func take(_ value: RedisValue, _ channel: String) {
        guard let token = value.elements?.first?.text, let member = value.elements?.last?.text
        else {
            _ = seen.withLock { $0.removeValue(forKey: channel) }
            return
        }
        let node = member.split(separator: "#").first.map { String($0) } ?? member
        let new = Seen(token: token, node: node)
        let old = seen.withLock { $0.updateValue(new, forKey: channel) }
        let isNew = old != new
        if let old, old.node != node { moves.withLock { $0[channel, default: 0] += 1 } }
        if isNew { recorder.note(.placed(channel: channel, token: token, node: member)) }
    }
}
