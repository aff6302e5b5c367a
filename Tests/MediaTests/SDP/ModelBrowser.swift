import Basics
import Media

/// As much of a browser as negotiates: transceivers, sections and numbers by the rules of RFC 8829,
/// and a strict eye for what the other side writes.
struct ModelBrowser {
    /// How a peer gives numbers to formats.
    enum Counting: CaseIterable {
        /// One number a codec for the whole session, as Chromium.
        case once
        /// Its own numbers in its own sections, the other side's in the other's, as Firefox.
        case bySection
        /// From 96 on in every offer, as aiortc.
        case anew
    }

    struct Transceiver {
        var kind: MediaKind
        var sends: Bool
        var receives: Bool
        var isStopped = false
        var hasSent: Bool
        var rids: [String] = []
        var index: Int?
        var track: String
    }

    struct Slot {
        var mid: String
        var kind: SessionDescription.Kind
        var isRejected: Bool
        var isOurs: Bool
        /// The numbers of the section, by name.
        var types: [String: UInt8] = [:]
        /// What arrives here: nil, or the msid's track.
        var arriving: String?
        var departing = false
        /// The encodings agreed upon for what departs.
        var rids: [String] = []
    }

    let counting: Counting
    let codecs: [MediaKind: [String]]
    let repairs: Bool
    var transceivers: [Transceiver] = []
    var slots: [Slot] = []
    var credentialCount = 0
    /// What the model saw that a browser would not take.
    var complaints: [String] = []
    private var types: [String: UInt8] = [:]
    private var ids: [String: UInt8] = [:]
    /// Sections that are over for it, and of which the other side does not know that.
    private var unheard: Set<String> = []
    private var seenMIDs: Set<String> = []
    private var midCount = 0
    private var version: UInt64 = 0
    private var lastVersionHeard: UInt64 = 0

    init(counting: Counting, using random: inout SeededRandom) {
        self.counting = counting
        let more = ["VP9", "H264", "AV1"].filter { _ in Bool.random(using: &random) }
        let red = Bool.random(using: &random) ? ["red"] : []
        codecs = [.audio: ["opus"] + red + ["PCMU"], .video: ["VP8"] + more]
        repairs = Bool.random(using: &random)
    }

    // MARK: The page

    mutating func add(_ kind: MediaKind, sends: Bool, receives: Bool, rids: [String] = []) {
        let track = "local\(transceivers.count)"
        transceivers.append(
            Transceiver(
                kind: kind,
                sends: sends,
                receives: receives,
                hasSent: sends,
                rids: rids,
                track: track
            )
        )
    }

    /// `addTrack` takes a transceiver that never sent, whoever opened it.
    mutating func addTrack(_ kind: MediaKind) {
        let free = transceivers.firstIndex { $0.kind == kind && !$0.isStopped && !$0.hasSent }
        guard let free else { return add(kind, sends: true, receives: true) }
        transceivers[free].sends = true
        transceivers[free].hasSent = true
    }

    // MARK: Offering

    mutating func makeOffer() -> String {
        version += 1
        var numbers = counting == .anew ? [:] : types
        var description = SessionDescription(id: 7, version: version)
        if slots.isEmpty {
            description.sections.append(channels(mid: freshMID()))
        }
        for (index, slot) in slots.enumerated() {
            description.sections.append(offer(slot, at: index, numbers: &numbers))
        }
        for place in transceivers.indices
        where transceivers[place].index == nil && !transceivers[place].isStopped {
            let mid = freshMID()
            var fresh = numbers
            if counting == .bySection { fresh = [:] }
            let section = offer(transceivers[place], mid: mid, numbers: &fresh)
            if counting != .bySection { numbers = fresh }
            // A place that both sides know to be over is used again.
            let over = slots.indices.first {
                slots[$0].isRejected && description.sections[$0].isRejected
            }
            if let over {
                description.sections[over] = section
                transceivers[place].index = over
            } else {
                transceivers[place].index = description.sections.count
                description.sections.append(section)
            }
        }
        if counting == .once { types = numbers }
        description.bundles = [description.sections.filter { !$0.isRejected }.compactMap(\.mid)]
        return description.text
    }

    private mutating func offer(
        _ slot: Slot,
        at index: Int,
        numbers: inout [String: UInt8]
    ) -> SessionDescription.Section {
        if slot.kind == .application { return channels(mid: slot.mid) }
        guard !slot.isRejected, let transceiver = transceivers.first(where: { $0.index == index }),
            !transceiver.isStopped
        else {
            var section = SessionDescription.Section(slot.kind, port: 0, proto: "UDP/TLS/RTP/SAVPF")
            section.mid = slot.mid
            section.direction = .none
            section.formats = [.init(PayloadType(0))]
            return section
        }
        if counting == .bySection {
            var own = slot.types
            return offer(transceiver, mid: slot.mid, numbers: &own)
        }
        return offer(transceiver, mid: slot.mid, numbers: &numbers)
    }

    private mutating func offer(
        _ transceiver: Transceiver,
        mid: String,
        numbers: inout [String: UInt8]
    ) -> SessionDescription.Section {
        let kind: SessionDescription.Kind = transceiver.kind == .audio ? .audio : .video
        var section = SessionDescription.Section(kind, proto: "UDP/TLS/RTP/SAVPF")
        section.mid = mid
        section.direction = .init(sends: transceiver.sends, receives: transceiver.receives)
        section.multiplexesRTCP = true
        section.allowsMixedExtensions = true
        for name in codecs[transceiver.kind] ?? [] {
            let number = number(for: name, in: &numbers)
            section.formats.append(Self.format(name, number, opus: numbers["opus"] ?? 111))
            guard repairs, transceiver.kind == .video else { continue }
            var repair = SessionDescription.Format(
                PayloadType(self.number(for: "\(name) rtx", in: &numbers))
            )
            repair.name = "rtx"
            repair.clockRate = 90_000
            repair.parameters = "apt=\(number)"
            section.formats.append(repair)
        }
        section.extensions = Self.uris(of: transceiver.kind).map { uri in
            .init(id: id(for: uri), uri: uri)
        }
        write(transceiver, into: &section)
        writeTransport(into: &section)
        return section
    }

    private func write(_ transceiver: Transceiver, into section: inout SessionDescription.Section) {
        guard section.direction.sends else { return }
        section.msids = [.init(stream: "page", track: transceiver.track)]
        guard !transceiver.rids.isEmpty else { return }
        section.rids = transceiver.rids.map { .init($0, sends: true) }
        section.simulcast = .init(sends: transceiver.rids.map { [.init($0)] })
    }

    // MARK: Being answered

    /// Takes our answer to its offer.
    mutating func receive(answer text: String, to offerText: String) throws {
        let offer = try SessionDescription(offerText, sizeLimit: 1 << 20)
        let answer = try SessionDescription(text, sizeLimit: 1 << 20)
        checkWhole(answer)
        expect(answer.sections.count == offer.sections.count, "an answer has all sections")
        expect(
            answer.bundles.first ?? []
                == answer.sections.filter { !$0.isRejected }.map(\.mid)
                .compactMap { $0 },
            "an answer's bundle is what it accepts"
        )
        for (index, pair) in zip(offer.sections, answer.sections).enumerated() {
            let (offered, answered) = pair
            expect(
                offered.mid == answered.mid && offered.kind == answered.kind,
                "sections keep order"
            )
            expect(!offered.isRejected || answered.isRejected, "what is over stays so")
            if index >= slots.count {
                slots.append(.init(mid: "", kind: offered.kind, isRejected: true, isOurs: false))
            }
            if slots[index].mid != offered.mid {
                slots[index] = .init(
                    mid: offered.mid ?? "",
                    kind: offered.kind,
                    isRejected: false,
                    isOurs: true
                )
            }
            slots[index].isRejected = answered.isRejected
            expect(
                answered.isRejected == offered.isRejected,
                "nothing of a browser's is rejected here"
            )
            guard !answered.isRejected, offered.kind != .application else {
                slots[index].arriving = nil
                slots[index].departing = false
                if answered.isRejected { release(index) }
                continue
            }
            check(answered, answers: offered)
            arrive(answered, at: index)
            slots[index].departing = offered.direction.sends && answered.direction.receives
            slots[index].rids = answered.rids.map(\.id)
            for format in answered.formats where format.name != "rtx" {
                slots[index].types[format.name] = format.payloadType.rawValue
            }
        }
    }

    private mutating func check(
        _ answered: SessionDescription.Section,
        answers offered: SessionDescription.Section
    ) {
        expect(answered.setup == .passive, "the server waits")
        expect(!answered.direction.sends || offered.direction.receives, "nobody sends unasked")
        expect(!answered.direction.receives || offered.direction.sends, "nobody receives nothing")
        expect(!answered.formats.isEmpty, "an accepted section has a format")
        for format in answered.formats {
            let match = offered.formats.first { $0.payloadType == format.payloadType }
            expect(match?.name == format.name, "an answer keeps the offer's numbers")
        }
        for one in answered.extensions {
            expect(
                offered.extensions.contains { $0.id == one.id && $0.uri == one.uri },
                "an answer keeps the offer's extensions"
            )
        }
        let rids = offered.direction.sends ? offered.rids.map(\.id) : []
        expect(answered.rids.map(\.id) == Array(rids.prefix(3)), "encodings are accepted")
        let streams = answered.simulcast?.receives.compactMap(\.first?.rid) ?? []
        expect(streams == Array(rids.prefix(3)), "encodings are accepted at the same time")
    }

    // MARK: Answering

    mutating func receive(offer text: String) throws -> String {
        let offer = try SessionDescription(text, sizeLimit: 1 << 20)
        checkWhole(offer)
        expect(offer.sections.count >= slots.count, "sections never go away")
        expect(
            offer.bundles == [offer.sections.filter { !$0.isRejected }.compactMap(\.mid)],
            "an offer bundles all it has"
        )
        version += 1
        var answer = SessionDescription(id: 7, version: version)
        for (index, section) in offer.sections.enumerated() {
            answer.sections.append(receive(section, at: index))
        }
        answer.bundles = [answer.sections.filter { !$0.isRejected }.compactMap(\.mid)]
        return answer.text
    }

    private mutating func receive(
        _ offered: SessionDescription.Section,
        at index: Int
    ) -> SessionDescription.Section {
        adopt(offered, at: index)
        if offered.kind == .application {
            var section = channels(mid: offered.mid ?? "")
            section.setup = .active
            return section
        }
        var section = SessionDescription.Section(offered.kind, port: 9, proto: offered.proto)
        section.mid = offered.mid
        let kind: MediaKind = offered.kind == .audio ? .audio : .video
        let known = codecs[kind] ?? []
        let formats = offered.formats.filter { known.contains($0.name) }
        guard !offered.isRejected, !formats.isEmpty,
            let transceiver = transceivers.first(where: { $0.index == index }),
            !transceiver.isStopped
        else {
            section.port = 0
            section.direction = .none
            section.formats = [.init(PayloadType(0))]
            slots[index].isRejected = true
            slots[index].arriving = nil
            slots[index].departing = false
            release(index)
            return section
        }
        checkOffered(offered, at: index)
        let repairedTypes = Set(formats.map { "apt=\($0.payloadType)" })
        section.formats =
            formats
            + offered.formats.filter {
                repairs && $0.name == "rtx" && repairedTypes.contains($0.parameters)
            }
        section.extensions = offered.extensions.filter { Self.uris(of: kind).contains($0.uri) }
        for one in section.extensions {
            expect(ids[one.uri] ?? one.id == one.id || counting != .once, "one id an extension")
            if !ids.values.contains(one.id), ids[one.uri] == nil { ids[one.uri] = one.id }
        }
        section.direction = .init(
            sends: transceiver.sends && offered.direction.receives,
            receives: transceiver.receives && offered.direction.sends
        )
        section.multiplexesRTCP = true
        section.allowsMixedExtensions = true
        section.simulcast = nil
        write(transceiver, into: &section)
        if offered.simulcast == nil { section.simulcast = nil }
        writeTransport(into: &section)
        section.setup = .active
        arrive(offered, at: index)
        if !section.direction.receives { slots[index].arriving = nil }
        slots[index].departing = section.direction.sends
        slots[index].rids = section.direction.sends ? Array(section.rids.map(\.id).prefix(3)) : []
        for format in section.formats where format.name != "rtx" {
            slots[index].types[format.name] = format.payloadType.rawValue
            if counting == .once { types[format.name] = format.payloadType.rawValue }
        }
        return section
    }

    /// Its answer did not arrive, so that nobody knows what it has refused, or stopped, just now.
    mutating func loseAnswer(since before: ModelBrowser) {
        for (index, slot) in slots.enumerated() where slot.isRejected {
            let wasRejected = before.slots.indices.contains(index) && before.slots[index].isRejected
            if !wasRejected || before.slots[index].mid != slot.mid { unheard.insert(slot.mid) }
        }
    }

    /// Makes place for a section that is new, here or altogether.
    private mutating func adopt(_ offered: SessionDescription.Section, at index: Int) {
        let mid = offered.mid ?? ""
        expect(!mid.isEmpty, "an offer names its sections")
        let isUnheard =
            slots.indices.contains(index) && slots[index].isRejected && unheard.contains(mid)
        if index < slots.count, !isUnheard, slots[index].mid == mid || offered.isRejected {
            expect(slots[index].kind == offered.kind, "a section keeps its kind")
            expect(!slots[index].isRejected || offered.isRejected, "what is over stays so")
            return
        }
        if index < slots.count {
            expect(slots[index].isRejected, "a section keeps its mid")
        }
        expect(seenMIDs.insert(mid).inserted || isUnheard, "a mid is never given twice")
        let slot = Slot(mid: mid, kind: offered.kind, isRejected: false, isOurs: false)
        if index < slots.count { slots[index] = slot } else { slots.append(slot) }
        release(index)
        guard offered.kind != .application else { return }
        add(offered.kind == .audio ? .audio : .video, sends: false, receives: true)
        transceivers[transceivers.count - 1].index = index
    }

    private mutating func checkOffered(_ offered: SessionDescription.Section, at index: Int) {
        var numbers: Set<PayloadType> = []
        for format in offered.formats {
            expect(numbers.insert(format.payloadType).inserted, "a number stands once")
            guard format.name != "rtx" else {
                let repaired = format.parameters.dropFirst(4)
                expect(
                    offered.formats.contains { "\($0.payloadType)" == repaired },
                    "repairs are of something"
                )
                continue
            }
            let known = slots[index].types[format.name]
            expect(
                known ?? format.payloadType.rawValue == format.payloadType.rawValue,
                "a codec keeps its number within a section"
            )
        }
        expect(
            Set(offered.extensions.map(\.id)).count == offered.extensions.count,
            "ids are unique"
        )
        guard slots[index].departing else { return }
        expect(offered.direction.receives, "an offer keeps receiving")
        expect(offered.rids.map(\.id) == slots[index].rids, "an offer keeps the encodings")
        let streams = offered.simulcast?.receives.compactMap(\.first?.rid) ?? []
        expect(streams == slots[index].rids, "an offer keeps the encodings simultaneous")
    }

    /// A page hears of a track only when a silent section begins to send.
    private mutating func arrive(_ section: SessionDescription.Section, at index: Int) {
        let track = section.direction.sends ? section.msids.first?.track : nil
        expect(section.direction.sends == (track != nil), "what is sent has a name")
        if let track, let before = slots[index].arriving {
            expect(track == before, "a track's section falls silent before it is another's")
        }
        slots[index].arriving = track
    }

    private mutating func release(_ index: Int) {
        for place in transceivers.indices where transceivers[place].index == index {
            transceivers[place].index = -1
            transceivers[place].isStopped = true
        }
    }

    // MARK: Both

    private mutating func checkWhole(_ description: SessionDescription) {
        expect(description.isICELite, "the server is a lite agent")
        expect(description.version > lastVersionHeard, "versions grow")
        lastVersionHeard = description.version
        var ssrcs: Set<SSRC> = []
        for section in description.sections where !section.isRejected {
            expect(section.ufrag != nil && section.password != nil, "credentials are there")
            expect(!section.fingerprints.isEmpty, "a fingerprint is there")
            for source in section.sources {
                expect(ssrcs.insert(source.ssrc).inserted, "an SSRC is one section's")
            }
        }
    }

    mutating func expect(_ isSo: Bool, _ rule: String) {
        if !isSo { complaints.append(rule) }
    }

    private mutating func freshMID() -> String {
        while seenMIDs.contains("\(midCount)") { midCount += 1 }
        seenMIDs.insert("\(midCount)")
        return "\(midCount)"
    }

    private mutating func id(for uri: String) -> UInt8 {
        if let known = ids[uri] { return known }
        let free = (1...14).first { !ids.values.contains($0) } ?? 15
        ids[uri] = free
        return free
    }

    private func number(for name: String, in numbers: inout [String: UInt8]) -> UInt8 {
        if let known = numbers[name] { return known }
        let free = (96...127).first { !numbers.values.contains($0) } ?? 35
        numbers[name] = free
        return free
    }

    private func channels(mid: String) -> SessionDescription.Section {
        var section = SessionDescription.Section(.application, proto: "UDP/DTLS/SCTP")
        section.mid = mid
        section.sctpPort = 5_000
        section.maxMessageSize = 262_144
        writeTransport(into: &section)
        return section
    }

    private func writeTransport(into section: inout SessionDescription.Section) {
        section.ufrag = "browser\(credentialCount)"
        section.password = "browserpassword0123456\(credentialCount)"
        section.fingerprints = [.init(function: "sha-256", value: "12:34")]
        section.setup = .either
    }

    private static func format(
        _ name: String,
        _ number: UInt8,
        opus: UInt8
    ) -> SessionDescription.Format {
        var format = SessionDescription.Format(PayloadType(number))
        format.name = name
        format.clockRate =
            ["opus", "red"].contains(name) ? 48_000 : name == "PCMU" ? 8_000 : 90_000
        format.channels = ["opus", "red"].contains(name) ? 2 : 1
        format.parameters =
            switch name {
            case "H264": "packetization-mode=1;profile-level-id=42e01f"
            case "red": "\(opus)/\(opus)"
            default: ""
            }
        return format
    }

    private static func uris(of kind: MediaKind) -> [String] {
        let kinds: [HeaderExtension] =
            kind == .audio
            ? [.audioLevel, .mid, .transportCC] : [.mid, .transportCC, .rid, .repairedRID]
        return kinds.map(\.rawValue) + ["urn:example:\(kind.rawValue)"]
    }
}
