/// Why a drill did not do what it says, so that nothing is known from it.
struct DrillVoid: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}
