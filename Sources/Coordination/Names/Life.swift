/// How often a member has come (back): one more with every fence, within one process.
///
/// What a member has lost it never gets back under the same life; so a record that names the life says
/// whether it is still worth something.
package struct Life: Ordinal {
    package var rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package static let first = Life(1)
}
