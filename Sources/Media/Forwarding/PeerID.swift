/// Names a peer: one connection of one participant. Given by whoever plans calls, never used twice.
package struct PeerID: Hashable, Sendable {
    package var rawValue: UInt64

    package init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }
}
