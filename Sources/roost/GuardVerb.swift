internal import Cluster

/// `roost guard`: what a node starts beside itself, and nobody else does. It is told what to do by its
/// standard input, and that by nothing else.
enum GuardVerb {
    static func run() -> ExitCode {
        // What ends the node by a signal may be meant for its whole group, but the guard ends after it.
        let signals = Signals.events()
        return withExtendedLifetime(signals) {
            switch GuardWatch.run() {
            case .relieved, .told: .fine
            case .confused: .failed
            }
        }
    }
}
