package import Wire

extension CallBeginning: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.record { record in
            record.write(call)
            record.write(channel)
            record.write(owner)
            record.write(title)
            record.write(thread)
            record.write(started)
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self = try reader.record { (record) throws(PackFault) in
            CallBeginning(
                call: try record.read(),
                channel: try record.read(),
                owner: try record.read(),
                title: try record.read(),
                thread: try record.read(),
                started: try record.read()
            )
        }
    }
}

extension CallPicture.Participant: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.record { record in
            record.write(id)
            record.write(person)
            record.write(isMuted)
            record.write(handRaised)
            record.write(hasVideo)
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self = try reader.record { (record) throws(PackFault) in
            CallPicture.Participant(
                id: try record.read(),
                person: try record.read(),
                isMuted: try record.read(),
                handRaised: try record.read(),
                hasVideo: try record.read()
            )
        }
    }
}

extension JobPicture: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.record { record in
            record.write(kind.rawValue)
            record.write(requested)
            record.write(started)
            record.write(ended)
            record.write(fault)
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self = try reader.record { (record) throws(PackFault) in
            guard let kind = Kind(rawValue: try record.read()) else {
                throw .badValue("a kind of job")
            }
            return JobPicture(
                kind: kind,
                requested: try record.read(),
                started: try record.read(),
                ended: try record.read(),
                fault: try record.read()
            )
        }
    }
}

extension CallPicture: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.record { record in
            record.write(beginning)
            record.write(participants)
            record.write(sharer)
            record.write(host)
            record.write(recording)
            record.write(transcription)
            record.write(captions)
            record.write(isDismissedBy)
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self = try reader.record { (record) throws(PackFault) in
            CallPicture(
                beginning: try record.read(),
                participants: try record.read(),
                sharer: try record.read(),
                host: try record.read(),
                recording: try record.read(),
                transcription: try record.read(),
                captions: try record.read(),
                isDismissedBy: try record.read()
            )
        }
    }
}
