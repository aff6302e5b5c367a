internal import Basics
internal import Synchronization

/// When who did what, so that whoever hears of it, on whichever thread, knows how long it took.
final class LoadDeeds: Sendable {
    private struct Key: Hashable {
        var session: String
        var deed: LoadDeed
    }

    private let done = Mutex<[Key: Instant]>([:])

    func note(_ deed: LoadDeed, by session: String, at now: Instant) {
        done.withLock { done in
            // People come and go under new names; what is older than anybody waits for goes.
            if done.count > Self.most { done = done.filter { now - $0.value < .seconds(30) } }
            done[Key(session: session, deed: deed)] = now
        }
    }

    func instant(of deed: LoadDeed, by session: String) -> Instant? {
        done.withLock { $0[Key(session: session, deed: deed)] }
    }

    private static let most = 100_000
}
