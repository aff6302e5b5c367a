/// How much a log line matters, least first.
package enum LogLevel: UInt8, Hashable, Sendable, Comparable, CaseIterable {
    /// Every step, for a developer who follows one thing.
    case trace
    /// What happened inside, for somebody who looks for a fault.
    case debug
    /// What an operator likes to know has happened.
    case info
    /// Something is not as it should be, and the node goes on regardless.
    case warning
    /// Something was not done that should have been.
    case error

    /// The level of this name, as an operator writes it.
    package init?(name: String) {
        guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }

    package var name: String {
        switch self {
        case .trace: "trace"
        case .debug: "debug"
        case .info: "info"
        case .warning: "warning"
        case .error: "error"
        }
    }

    package static func < (lhs: LogLevel, rhs: LogLevel) -> Bool {
        lhs.rawValue < rhs.rawValue
    }
}
