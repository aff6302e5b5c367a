/// Something that is measured, under a name that can be asked for.
protocol Bench: SendableMetatype {
    static var name: String { get }
    /// What is measured, in one line for the help.
    static var summary: String { get }

    static func run(_ terms: BenchTerms, into book: inout FigureBook) async throws
}

/// How to measure.
struct BenchTerms: Sendable {
    /// Shorter runs: to see that everything works, not to believe the figures.
    var isQuick = false
    /// The `roost` that is measured.
    var roost: String
}
