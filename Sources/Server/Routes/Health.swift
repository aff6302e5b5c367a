internal import IO
internal import Synchronization
internal import Wire

/// Whether this process is alive, and whether people should be sent to it. Two questions: a node that
/// is going away is alive and should get nobody new.
final class Health: Sendable {
    enum State: Sendable {
        case starting
        /// Its cluster has not taken it in, or has lost it.
        case apart
        case ready
        case draining
    }

    private let state = Mutex(State.starting)

    func enter(_ state: State) {
        self.state.withLock { $0 = state }
    }

    /// Unless it is that one already.
    func enter(_ state: State, unless other: State) {
        self.state.withLock { if $0 != other { $0 = state } }
    }

    /// Alive: answered by the loop that is asked, and dependent on nothing else.
    func addAlive(to router: inout Router) {
        let alive = HTTPResponse.json { $0.member("status", "alive") }
        router.on(.get, "/healthz") { _ in .now(alive) }
    }

    func addReady(to router: inout Router) {
        router.on(.get, "/readyz") { [self] _ in
            switch state.withLock({ $0 }) {
            case .ready: .now(.json { $0.member("status", "ready") })
            case .starting: .now(.fault(.serviceUnavailable, "starting"))
            case .apart:
                .now(
                    .fault(
                        .serviceUnavailable,
                        "not in the cluster yet; `roost cluster status` here says what is in the way"
                    )
                )
            case .draining: .now(.fault(.serviceUnavailable, "draining; nobody new is taken"))
            }
        }
    }

    static func addVersion(to router: inout Router) {
        let version = HTTPResponse.json { json in
            json.member("roost", Version.number)
            json.member("version", Version.protocolNumber)
            json.member("build", "")
        }
        router.on(.get, "/version") { _ in .now(version) }
    }
}
