package import Wire

extension CallSnapshot: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.record { record in
            record.write(beginning)
            record.write(host)
            record.write(lockedHost)
            record.write(sessions)
            record.write(screen)
            record.write(latestHand)
            record.write(screenLasted)
            record.write(videoLasted)
            record.write(hasUsedScreen)
            record.write(hasUsedVideo)
            record.write(attendance)
            record.write(dismissed)
            record.write(removed)
            record.write(edition)
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self = try reader.record { (record) throws(PackFault) in
            CallSnapshot(
                beginning: try record.read(),
                host: try record.read(),
                lockedHost: try record.read(),
                sessions: try record.read(),
                screen: try record.read(),
                latestHand: try record.read(),
                screenLasted: try record.read(),
                videoLasted: try record.read(),
                hasUsedScreen: try record.read(),
                hasUsedVideo: try record.read(),
                attendance: try record.read(),
                dismissed: try record.read(),
                removed: try record.read(),
                edition: record.hasMore ? try record.read() : nil
            )
        }
    }
}

extension CallSnapshot.Edition: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.write(generation)
        writer.write(count)
        writer.write(number)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self.init(
            generation: try reader.read(),
            count: try reader.read(),
            number: try reader.read()
        )
    }
}

extension CallSnapshot.Session: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.record { record in
            record.write(id)
            record.write(person)
            record.write(isBot)
            record.write(decodesAV1)
            record.write(signalsOverChannel)
            record.write(followsHost)
            record.write(joined)
            record.write(links)
            record.write(isMuted)
            record.write(handRaised)
            record.write(video)
        }
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self = try reader.record { (record) throws(PackFault) in
            CallSnapshot.Session(
                id: try record.read(),
                person: try record.read(),
                isBot: try record.read(),
                decodesAV1: try record.read(),
                signalsOverChannel: try record.read(),
                followsHost: try record.read(),
                joined: try record.read(),
                links: try record.read(),
                isMuted: try record.read(),
                handRaised: try record.read(),
                video: try record.read()
            )
        }
    }
}

extension CallSnapshot.Shown: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.write(stream)
        writer.write(lasted)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self.init(stream: try reader.read(), lasted: try reader.read())
    }
}

extension CallSnapshot.Screen: Packable {
    package func pack(into writer: inout PackWriter) {
        writer.write(sharer)
        writer.write(shown)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        self.init(sharer: try reader.read(), shown: try reader.read())
    }
}
