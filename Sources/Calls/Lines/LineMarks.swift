package import Wire

/// How far a line has heard the events of each thread that tells any, on this node and others.
///
/// What one thread tells, every node hears in that order. So one number for each says what a line has had,
/// wherever it was: what is not above it was told to the line already, at the node where it was before.
package struct LineMarks: Hashable, Sendable {
    private var latest: [UInt64: UInt64] = [:]

    package init() {}

    /// Whether the event is new to the line, which has it from now on.
    package mutating func admits(_ stamp: EventStamp) -> Bool {
        if let number = latest[stamp.origin] {
            guard stamp.number > number else { return false }
        } else if latest.count >= Self.limit {
            // Of nodes that are long gone.
            latest = [:]
        }
        latest[stamp.origin] = stamp.number
        return true
    }

    private static let limit = 256
}

extension LineMarks: Packable {
    package func pack(into writer: inout PackWriter) {
        let stamps = latest.map { EventStamp(origin: $0.key, number: $0.value) }
        writer.write(stamps.sorted { $0.origin < $1.origin })
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        let stamps: [EventStamp] = try reader.read()
        guard stamps.count <= Self.limit else { throw .tooMany(limit: Self.limit) }
        for stamp in stamps { latest[stamp.origin] = stamp.number }
    }
}
