/// Names a track that a peer sends. Given by whoever plans calls, never used twice.
package struct UplinkID: Hashable, Sendable {
    package var rawValue: UInt64

    package init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }
}
