/// Names a track on its way to one peer. Given by whoever plans calls, never used twice.
package struct DownlinkID: Hashable, Sendable {
    package var rawValue: UInt64

    package init(_ rawValue: UInt64) {
        self.rawValue = rawValue
    }
}
