package import Settings
internal import Synchronization

/// The settings that hold now, for those who look anew at each request.
package final class CurrentSettings: Sendable {
    private let held: Mutex<Settings>

    package init(_ settings: Settings) {
        held = Mutex(settings)
    }

    package var value: Settings { held.withLock { $0 } }

    func replace(with settings: Settings) {
        held.withLock { $0 = settings }
    }
}
