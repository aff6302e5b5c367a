/// Which spatial layers of a track are meant: bit 0 the coarsest. At most eight.
package struct LayerSet: OptionSet, Hashable, Sendable {
    package var rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// One layer; none if there can't be such a one.
    package init(spatial: Int) {
        self.init(rawValue: spatial >= 0 && spatial < 8 ? 1 << UInt8(spatial) : 0)
    }

    package func contains(spatial: Int) -> Bool {
        !isDisjoint(with: LayerSet(spatial: spatial))
    }
}
