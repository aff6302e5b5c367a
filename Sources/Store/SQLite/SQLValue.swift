package import Basics

/// A value on its way into a statement.
package enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])

    package static func optional(_ text: String?) -> SQLValue {
        text.map { .text($0) } ?? .null
    }

    package static func optional(_ number: Int?) -> SQLValue {
        number.map { .integer(Int64($0)) } ?? .null
    }

    /// A time, kept as milliseconds since 1970.
    package static func time(_ time: WallTime) -> SQLValue {
        .integer(time.milliseconds)
    }

    package static func time(_ time: WallTime?) -> SQLValue {
        time.map { .integer($0.milliseconds) } ?? .null
    }

    package static func bool(_ isTrue: Bool?) -> SQLValue {
        isTrue.map { .integer($0 ? 1 : 0) } ?? .null
    }
}
