internal import Basics
package import Wire

// An id goes between nodes as its 26 characters.
extension ID: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.write(description)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        let text: String = try reader.read()
        guard let id = Self(text) else { throw .badValue("an id of \(text.utf8.count) bytes") }
        self = id
    }
}

extension WallTime: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.write(seconds)
        writer.write(Int64(nanoseconds))
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        let seconds: Int64 = try reader.read()
        guard let nanoseconds = Int32(exactly: try reader.read(Int64.self)),
            (0..<1_000_000_000).contains(nanoseconds)
        else { throw .badNumber }
        self.init(seconds: seconds, nanoseconds: nanoseconds)
    }
}
