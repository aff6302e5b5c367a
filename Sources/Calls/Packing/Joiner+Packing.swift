package import Wire

extension Joiner: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.record { record in
            record.write(connection)
            record.write(person)
            record.write(isBot)
            record.write(title)
            record.write(thread)
            record.write(decodesAV1)
            record.write(signalsOverChannel)
            record.write(followsHost)
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self = try reader.record { (record) throws(PackFault) in
            Joiner(
                connection: try record.read(),
                person: try record.read(),
                isBot: try record.read(),
                title: try record.read(),
                thread: try record.read(),
                decodesAV1: try record.read(),
                signalsOverChannel: try record.read(),
                followsHost: record.hasMore ? try record.read() : false
            )
        }
    }
}

extension Reconnect: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.record { record in
            record.write(participant)
            record.write(connection)
            record.write(previous)
            record.write(person)
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self = try reader.record { (record) throws(PackFault) in
            Reconnect(
                participant: try record.read(),
                connection: try record.read(),
                previous: try record.read(),
                person: try record.read()
            )
        }
    }
}

extension Authority: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.write(person)
        writer.write(isAdmin)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self.init(person: try reader.read(), isAdmin: try reader.read())
    }
}
