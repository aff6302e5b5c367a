/// A frame between two members that have no link, on its way through a third that has one to both.
///
/// Whoever passes it on reads only whom it is from, which must be who sent it there, and whom it is to.
package struct RelayedFrame: Hashable, Sendable {
    package var from: String
    package var to: String
    /// The way that it goes, drawn by who began that: what was sent on an earlier one means nothing.
    package var way: UInt64
    /// Counts what is sent on that way in this direction, so that nothing can be missing in between.
    package var number: UInt64
    /// A whole ``ClusterFrame`` without its length. Empty once the way has ended.
    package var content: [UInt8]

    package init(from: String, to: String, way: UInt64, number: UInt64, content: [UInt8]) {
        self.from = from
        self.to = to
        self.way = way
        self.number = number
        self.content = content
    }

    /// What is said to whoever sent this one: that the way has ended.
    package var end: RelayedFrame {
        RelayedFrame(from: to, to: from, way: way, number: 0, content: [])
    }
    package var isEnd: Bool { content.isEmpty }

    /// More than all but the content takes, with the longest names.
    package static let overhead = 1_024
}

extension RelayedFrame: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.write(from)
        writer.write(to)
        writer.write(way)
        writer.write(number)
        writer.write(bytes: content)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        from = try reader.read()
        to = try reader.read()
        way = try reader.number()
        number = try reader.number()
        content = try reader.bytes()
    }
}
