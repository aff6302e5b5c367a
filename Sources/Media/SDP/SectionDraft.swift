/// A section of a description while its lines are still coming in.
struct SectionDraft {
    private(set) var section: SessionDescription.Section
    /// Where its `m=` stands.
    let line: Int
    private var direction: SessionDescription.Direction?
    /// Where the format of each payload type is.
    private var places: [UInt8: Int] = [:]
    private var feedbackForAll: SessionDescription.Feedback = []

    init(_ section: SessionDescription.Section, line: Int) {
        self.section = section
        self.line = line
    }

    /// Reads what follows `m=` (RFC 8866 section 5.14).
    init(media: ArraySlice<UInt8>, line: Int) throws(SDPFault) {
        let words = media.words
        guard words.count >= 4, media.isPrintable, words[0].count <= 32, words[2].count <= 64 else {
            throw SDPFault(.media, line: line)
        }
        // Two ports and more belong to layered multicast.
        guard let port = words[1].cut(at: "/").head.number(upTo: 65_535) else {
            throw SDPFault(.media, line: line)
        }
        let kind: SessionDescription.Kind =
            switch words[0].text {
            case "audio": .audio
            case "video": .video
            case "application": .application
            case let name: .other(name)
            }
        let proto = words[2].text
        self.init(
            SessionDescription.Section(kind, port: UInt16(port), proto: proto),
            line: line
        )
        switch kind {
        case .audio, .video:
            for word in words.dropFirst(3) {
                guard let number = word.number(upTo: 127) else {
                    throw SDPFault(.payloadType, line: line)
                }
                guard places[UInt8(number)] == nil else { continue }
                guard section.formats.count < 64 else { throw SDPFault(.formats, line: line) }
                places[UInt8(number)] = section.formats.count
                section.formats.append(.init(PayloadType(UInt8(number))))
            }
        case .application:
            if section.hasPortAsFormat { try receivePort(words[3], line: line) }
        case .other: break
        }
    }

    /// The attributes that at session level hold for all sections.
    static let namesForAll: Set<String> = [
        "ice-ufrag", "ice-pwd", "ice-options", "fingerprint", "setup", "extmap",
        "extmap-allow-mixed", "sendrecv", "sendonly", "recvonly", "inactive",
    ]

    /// Takes from what holds for all sections that which this one doesn't say itself, and ends it.
    mutating func inherit(_ session: SectionDraft) throws(SDPFault) {
        let shared = session.section
        if section.ufrag == nil, section.password == nil {
            section.ufrag = shared.ufrag
            section.password = shared.password
        }
        if section.iceOptions.isEmpty { section.iceOptions = shared.iceOptions }
        if section.fingerprints.isEmpty { section.fingerprints = shared.fingerprints }
        if section.setup == nil { section.setup = shared.setup }
        if shared.allowsMixedExtensions { section.allowsMixedExtensions = true }
        section.direction = direction ?? session.direction ?? .both
        for one in shared.extensions
        where !section.extensions.contains(where: { $0.uri == one.uri || $0.id == one.id }) {
            guard section.extensions.count < 32 else { throw SDPFault(.extensions, line: line) }
            section.extensions.append(one)
        }
        guard !feedbackForAll.isEmpty else { return }
        for index in section.formats.indices {
            section.formats[index].feedback.formUnion(feedbackForAll)
        }
    }

    mutating func receive(
        _ name: String,
        _ value: ArraySlice<UInt8>,
        line: Int
    ) throws(SDPFault) {
        switch name {
        case "mid": try set(\.mid, to: value.isToken(upTo: 64) ? value.text : nil, .mid, line)
        case "sendrecv": try set(.both, line: line)
        case "sendonly": try set(.send, line: line)
        case "recvonly": try set(.receive, line: line)
        case "inactive": try set(.none, line: line)
        case "rtcp-mux": section.multiplexesRTCP = true
        case "rtcp-rsize": section.allowsReducedRTCP = true
        case "bundle-only": section.isBundleOnly = true
        case "extmap-allow-mixed": section.allowsMixedExtensions = true
        case "end-of-candidates": section.endsCandidates = true
        case "ice-ufrag":
            let isFine = value.count >= 4 && value.isToken(upTo: 256) && value.cut(at: ":").1 == nil
            try set(\.ufrag, to: isFine ? value.text : nil, .credentials, line)
        case "ice-pwd":
            let isFine = value.count >= 22 && value.isToken(upTo: 256)
            try set(\.password, to: isFine ? value.text : nil, .credentials, line)
        case "ice-options":
            guard value.isPrintable, value.count <= 256 else {
                throw SDPFault(.iceOptions, line: line)
            }
            section.iceOptions = value.words.map(\.text).joined(separator: " ")
        case "setup": try set(\.setup, to: .init(rawValue: value.text), .setup, line)
        case "fingerprint": try receiveFingerprint(value, line: line)
        case "extmap": try receiveExtension(value, line: line)
        case "rtpmap": try receiveFormatMap(value, line: line)
        case "fmtp": try receiveParameters(value, line: line)
        case "rtcp-fb": try receiveFeedback(value, line: line)
        case "msid": try receiveMSID(value, line: line)
        case "ssrc": try receiveSource(value, line: line)
        case "ssrc-group": try receiveSourceGroup(value, line: line)
        case "rid": try receiveRID(value, line: line)
        case "simulcast": try receiveSimulcast(value, line: line)
        case "sctp-port": try receivePort(value, line: line)
        case "sctpmap":
            // The port stands in front of the name and the count of streams.
            if section.sctpPort == nil { try receivePort(value.cut(at: " ").head, line: line) }
        case "max-message-size":
            try set(\.maxMessageSize, to: value.number(), .messageSize, line)
        case "candidate": receiveCandidate(value)
        default: break
        }
    }

    /// Sets what may be said once only, or again in the same words.
    private mutating func set<Value: Equatable>(
        _ path: WritableKeyPath<SessionDescription.Section, Value?>,
        to value: Value?,
        _ rule: SDPFault.Rule,
        _ line: Int
    ) throws(SDPFault) {
        guard let value else { throw SDPFault(rule, line: line) }
        if let earlier = section[keyPath: path], earlier != value {
            throw SDPFault(.once, line: line)
        }
        section[keyPath: path] = value
    }

    private mutating func set(
        _ value: SessionDescription.Direction,
        line: Int
    ) throws(SDPFault) {
        if let direction, direction != value { throw SDPFault(.once, line: line) }
        direction = value
    }

    private mutating func receivePort(
        _ value: ArraySlice<UInt8>,
        line: Int
    ) throws(SDPFault) {
        let port = value.number(upTo: 65_535).flatMap { $0 > 0 ? UInt16($0) : nil }
        try set(\.sctpPort, to: port, .sctp, line)
    }

    /// Candidates are only told, never dialled, so that one too many does no harm.
    private mutating func receiveCandidate(_ value: ArraySlice<UInt8>) {
        guard value.isPrintable, value.count <= 512, section.candidates.count < 64 else { return }
        section.candidates.append("candidate:\(value.text)")
    }
}

// MARK: Media

extension SectionDraft {
    /// `a=rtpmap:96 VP8/90000`, `a=rtpmap:111 opus/48000/2` (RFC 8866 section 6.6).
    private mutating func receiveFormatMap(
        _ value: ArraySlice<UInt8>,
        line: Int
    ) throws(SDPFault) {
        let (number, rest) = value.cut(at: " ")
        guard let payloadType = number.number(upTo: 127) else {
            throw SDPFault(.payloadType, line: line)
        }
        let parts = rest?.dropSpaces().parts(between: "/") ?? []
        guard (2...3).contains(parts.count), parts[0].isToken(upTo: 64),
            let clockRate = parts[1].number(upTo: 10_000_000), clockRate > 0,
            let channels = parts.count == 3 ? parts[2].number(upTo: 255) : 1, channels > 0
        else { throw SDPFault(.formatMap, line: line) }
        guard let place = places[UInt8(payloadType)] else { return }
        section.formats[place].name = parts[0].text
        section.formats[place].clockRate = Int(clockRate)
        section.formats[place].channels = Int(channels)
    }

    private mutating func receiveParameters(
        _ value: ArraySlice<UInt8>,
        line: Int
    ) throws(SDPFault) {
        let (number, rest) = value.cut(at: " ")
        // Outside RTP a format may have any name, and its parameters mean nothing here.
        guard let payloadType = number.number(upTo: 127), let rest,
            let place = places[UInt8(payloadType)]
        else { return }
        guard rest.isPrintable else { throw SDPFault(.characters, line: line) }
        guard rest.count <= 1_024 else { throw SDPFault(.parameters, line: line) }
        section.formats[place].parameters = rest.dropSpaces().text
    }

    /// `a=rtcp-fb:96 nack pli`, or `*` for every format (RFC 4585 section 4.2).
    private mutating func receiveFeedback(
        _ value: ArraySlice<UInt8>,
        line: Int
    ) throws(SDPFault) {
        let words = value.words
        guard let target = words.first else { throw SDPFault(.payloadType, line: line) }
        let feedback: SessionDescription.Feedback =
            switch words.dropFirst().map(\.text) {
            case ["nack"]: .nack
            case ["nack", "pli"]: .pli
            case ["ccm", "fir"]: .fir
            case ["goog-remb"]: .remb
            case ["transport-cc"]: .transportCC
            default: []
            }
        if target.elementsEqual("*".utf8) {
            feedbackForAll.formUnion(feedback)
            return
        }
        guard let payloadType = target.number(upTo: 127) else {
            throw SDPFault(.payloadType, line: line)
        }
        guard let place = places[UInt8(payloadType)] else { return }
        section.formats[place].feedback.formUnion(feedback)
    }

    /// `a=extmap:9/sendonly urn:…` (RFC 8285 section 8). An id above 14 needs two-byte headers.
    private mutating func receiveExtension(
        _ value: ArraySlice<UInt8>,
        line: Int
    ) throws(SDPFault) {
        let words = value.words
        guard words.count >= 2, words[1].isToken(upTo: 256) else {
            throw SDPFault(.extensionMap, line: line)
        }
        let (number, way) = words[0].cut(at: "/")
        guard let id = number.number(upTo: 4_351) else {
            throw SDPFault(.extensionMap, line: line)
        }
        // Numbers from 4096 on offer more extensions than there are ids. They are nobody's yet.
        guard id < 4_096 else { return }
        guard (1...255).contains(id) else { throw SDPFault(.extensionMap, line: line) }
        let direction = way.flatMap { SessionDescription.Direction(rawValue: $0.text) }
        if way != nil, direction == nil { throw SDPFault(.extensionMap, line: line) }
        let uri = words[1].text
        // One id can't mean two things; the first is believed.
        guard !section.extensions.contains(where: { $0.id == id || $0.uri == uri }) else { return }
        guard section.extensions.count < 32 else { throw SDPFault(.extensions, line: line) }
        section.extensions.append(.init(id: UInt8(id), uri: uri, direction: direction))
    }

    private mutating func receiveMSID(_ value: ArraySlice<UInt8>, line: Int) throws(SDPFault) {
        guard let msid = Self.msid(value) else { throw SDPFault(.msid, line: line) }
        guard !section.msids.contains(msid) else { return }
        guard section.msids.count < 8 else { throw SDPFault(.msids, line: line) }
        section.msids.append(msid)
    }

    private static func msid(_ value: ArraySlice<UInt8>) -> SessionDescription.MSID? {
        let words = value.words
        guard (1...2).contains(words.count), words.allSatisfy({ $0.isToken(upTo: 256) }) else {
            return nil
        }
        return .init(stream: words[0].text, track: words.count == 2 ? words[1].text : nil)
    }

    /// `a=ssrc:1234 cname:…` (RFC 5576 section 4.1); several lines may speak of one source.
    private mutating func receiveSource(_ value: ArraySlice<UInt8>, line: Int) throws(SDPFault) {
        let (number, rest) = value.cut(at: " ")
        guard let number = number.number(upTo: 0xFFFF_FFFF) else {
            throw SDPFault(.source, line: line)
        }
        let ssrc = SSRC(UInt32(number))
        let place: Int
        if let known = section.sources.firstIndex(where: { $0.ssrc == ssrc }) {
            place = known
        } else {
            guard section.sources.count < 16 else { throw SDPFault(.sources, line: line) }
            place = section.sources.count
            section.sources.append(.init(ssrc))
        }
        let (name, text) = (rest ?? []).cut(at: ":")
        guard let text else { return }
        switch name.text {
        case "cname" where text.isToken(upTo: 256): section.sources[place].cname = text.text
        case "msid": section.sources[place].msid = Self.msid(text)
        default: break
        }
    }

    private mutating func receiveSourceGroup(
        _ value: ArraySlice<UInt8>,
        line: Int
    ) throws(SDPFault) {
        let words = value.words
        guard let semantics = words.first, semantics.isToken(upTo: 16) else {
            throw SDPFault(.source, line: line)
        }
        guard section.groups.count < 16, words.count <= 9 else {
            throw SDPFault(.sources, line: line)
        }
        var group = SessionDescription.SourceGroup(semantics.text, [])
        for word in words.dropFirst() {
            guard let number = word.number(upTo: 0xFFFF_FFFF) else {
                throw SDPFault(.source, line: line)
            }
            group.sources.append(SSRC(UInt32(number)))
        }
        section.groups.append(group)
    }

    /// `a=rid:h send pt=96;max-fps=30` (RFC 8851 section 4).
    private mutating func receiveRID(_ value: ArraySlice<UInt8>, line: Int) throws(SDPFault) {
        let (id, rest) = value.cut(at: " ")
        let (way, restrictions) = (rest ?? []).cut(at: " ")
        guard Self.isRID(id), value.isPrintable, value.count <= 512,
            way.elementsEqual("send".utf8) || way.elementsEqual("recv".utf8)
        else { throw SDPFault(.rid, line: line) }
        let sends = way.first == UInt8(ascii: "s")
        let isKnown = section.rids.contains { $0.id == id.text && $0.sends == sends }
        guard !isKnown else { return }
        guard section.rids.count < 16 else { throw SDPFault(.rids, line: line) }
        section.rids.append(
            .init(
                id.text,
                sends: sends,
                restrictions: (restrictions ?? []).dropSpaces().text
            )
        )
    }

    static func isRID(_ id: ArraySlice<UInt8>) -> Bool {
        id.isToken(upTo: 32)
            && id.allSatisfy { byte in
                switch Unicode.Scalar(byte) {
                case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
                default: false
                }
            }
    }

    /// `a=simulcast:send 1,~4;2 recv 3` (RFC 8853 section 5.1). pion has a line for each direction.
    private mutating func receiveSimulcast(
        _ value: ArraySlice<UInt8>,
        line: Int
    ) throws(SDPFault) {
        let words = value.words
        guard words.count == 2 || words.count == 4 else { throw SDPFault(.simulcast, line: line) }
        var simulcast = SessionDescription.Simulcast()
        for index in stride(from: 0, to: words.count, by: 2) {
            var streams: [[SessionDescription.Simulcast.Choice]] = []
            for stream in words[index + 1].parts(between: ";") {
                var choices: [SessionDescription.Simulcast.Choice] = []
                for choice in stream.parts(between: ",") {
                    let isPaused = choice.first == UInt8(ascii: "~")
                    let rid = isPaused ? choice.dropFirst() : choice
                    guard Self.isRID(rid), choices.count < 4 else {
                        throw SDPFault(.simulcast, line: line)
                    }
                    choices.append(.init(rid.text, isPaused: isPaused))
                }
                guard streams.count < 8 else { throw SDPFault(.simulcast, line: line) }
                streams.append(choices)
            }
            switch words[index].text {
            case "send" where simulcast.sends.isEmpty: simulcast.sends = streams
            case "recv" where simulcast.receives.isEmpty: simulcast.receives = streams
            default: throw SDPFault(.simulcast, line: line)
            }
        }
        if let earlier = section.simulcast {
            if simulcast.sends.isEmpty { simulcast.sends = earlier.sends }
            if simulcast.receives.isEmpty { simulcast.receives = earlier.receives }
            guard [[], simulcast.sends].contains(earlier.sends),
                [[], simulcast.receives].contains(earlier.receives)
            else { throw SDPFault(.once, line: line) }
        }
        section.simulcast = simulcast
    }

    /// `a=fingerprint:sha-256 AB:CD:…` (RFC 8122 section 5).
    private mutating func receiveFingerprint(
        _ value: ArraySlice<UInt8>,
        line: Int
    ) throws(SDPFault) {
        let words = value.words
        guard words.count == 2, words[0].isToken(upTo: 16), words[1].count <= 64 * 3 - 1 else {
            throw SDPFault(.fingerprint, line: line)
        }
        for pair in words[1].parts(between: ":") {
            guard pair.count == 2,
                pair.allSatisfy(\.isHexDigit)
            else { throw SDPFault(.fingerprint, line: line) }
        }
        let fingerprint = SessionDescription.Fingerprint(
            function: words[0].text.lowercased(),
            value: words[1].text.uppercased()
        )
        guard !section.fingerprints.contains(fingerprint) else { return }
        guard section.fingerprints.count < 8 else { throw SDPFault(.fingerprints, line: line) }
        section.fingerprints.append(fingerprint)
    }
}
