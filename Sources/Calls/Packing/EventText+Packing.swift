package import Wire

extension EventText: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.write(stamp)
        writer.write(bytes: shared)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        let stamp: EventStamp? = try reader.read()
        self.init(relayed: try reader.bytes(), stamp: stamp)
    }
}

extension EventStamp: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.write(origin)
        writer.write(number)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self.init(origin: try reader.number(), number: try reader.number())
    }
}
