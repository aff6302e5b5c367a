/// How often a member has contradicted votes against it within one life. A vote against an older
/// incarnation counts for nothing.
package struct Incarnation: Ordinal {
    package var rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package static let first = Incarnation(1)
}
