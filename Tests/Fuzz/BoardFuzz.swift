import Basics
import Crypto
import Media

/// Two people on a board, and datagrams of any bytes: from nowhere, from their paths, and sealed with
/// their own keys, so that what is authentic and makes no sense gets as far as it can.
///
/// Nothing is sent to an address over which no check has passed, no number of a stream is given to two
/// different packets, and every turn has an end. The board lives on from one input to the next, as one
/// does, and is made anew now and then; so a failure may need some of those before it.
let fuzzBoard: FuzzTarget = { bytes in
    unsafe roomForBoards.take(bytes)
}

nonisolated(unsafe) private let roomForBoards = BoardFuzzRoom()

private final class BoardFuzzRoom {
    private var party = BoardParty()
    private var inputs = 0

    func take(_ bytes: [UInt8]) {
        inputs += 1
        if inputs % 200 == 0 || !party.isWhole { party = BoardParty() }
        party.take(bytes)
    }
}

/// The board, both peers' sides of it, and what was seen of it.
private struct BoardParty: ~Copyable {
    final class Person {
        let id: PeerID
        let path: DatagramPath
        let credentials: ICECredentials
        var dtls: DTLSMachine
        var sender: SRTPSender?
        var sequences = [UInt16](repeating: 100, count: 4)

        init(_ number: UInt64, _ credentials: ICECredentials, _ dtls: consuming DTLSMachine) {
            id = PeerID(number)
            let address = SocketAddress(ip: IPAddress(v4: 0x0A00_0000 | UInt32(number)), port: 7)
            path = DatagramPath(remote: address, local: 0)
            self.credentials = credentials
            self.dtls = dtls
        }
    }

    private var board = Switchboard(rules: Self.rules, seed: 1)
    private var out = OutgoingBatch(capacity: 64 * OutgoingBatch.packetLimit, runLimit: 64)
    private var now = Instant(nanoseconds: 1_000_000_000)
    private let ada = Self.person(1)
    private let ben = Self.person(2)
    private var gone = false
    private var known: Set<DatagramPath>
    private var newest: [Stream: UInt64] = [:]
    private var seen: [Stream: [UInt64: Int]] = [:]

    private struct Stream: Hashable {
        var path: DatagramPath
        var ssrc: UInt32
    }

    static var rules: BoardRules {
        var rules = BoardRules()
        rules.historyPackets = 64
        return rules
    }

    init() {
        known = [ada.path, ben.path]
        let (first, second) = (ada.id, ben.id)
        for (id, credentials) in [(first, ada.credentials), (second, ben.credentials)] {
            let shape = PeerShape(credentials: credentials, context: boardServer, call: 1)
            perform(.addPeer(id, shape))
            let remote = RemoteSide(
                ufrag: "them",
                fingerprints: [boardClient.certificate.fingerprint],
                isOurTurn: false,
                channels: .init(port: 5_000, messageLimit: 65_536)
            )
            perform(.meet(id, remote))
        }
        for person in [ada, ben] { Self.connect(person, &board, &out, now) }
        precondition(ada.sender != nil && ben.sender != nil, "both can connect")
        for (owner, viewer, base) in [(first, second, UInt64(10)), (second, first, 20)] {
            for (place, shape) in Self.tracks(base).enumerated() {
                let uplink = UplinkID(base + UInt64(place))
                perform(.addUplink(uplink, from: owner, shape))
                let view = Self.view(shape, SSRC(UInt32(base) * 100 + UInt32(place)))
                perform(.addDownlink(DownlinkID(uplink.rawValue), to: viewer, of: uplink, view))
            }
        }
    }

    var isWhole: Bool { !gone }

    private static func person(_ number: UInt64) -> Person {
        let name = "person\(number)person\(number)"
        guard
            let credentials = ICECredentials(ufrag: name, password: "0123456789012345678901"),
            let dtls = try? DTLSMachine(
                .client,
                boardClient,
                expecting: [boardServer.certificate.fingerprint],
                at: Instant(nanoseconds: 0)
            )
        else { preconditionFailure("a person can be made") }
        return Person(number, credentials, dtls)
    }

    /// A voice, a camera that says its numbers, and a screen in two sizes that does not.
    private static func tracks(_ base: UInt64) -> [UplinkShape] {
        let ids = ExtensionIDs(
            audioLevel: 1,
            transportCC: 3,
            mid: 4,
            rid: 10,
            repairedRID: 11,
            dependencyDescriptor: 12
        )
        func shape(
            _ mid: String,
            _ kind: MediaKind,
            _ formats: [UplinkShape.Format],
            _ layers: [UplinkShape.Layer]
        ) -> UplinkShape {
            var shape = UplinkShape(
                mid: mid,
                kind: kind,
                formats: formats,
                layers: layers,
                extensions: ids,
                repeatsLost: true,
                reportsArrival: true
            )
            shape.isVoice = kind == .audio
            return shape
        }
        let vp8 = PayloadType(96)
        let pictures: [UplinkShape.Format] = [
            .init(payloadType: vp8, codec: .vp8),
            .init(payloadType: PayloadType(97), codec: .vp8, retransmitted: vp8),
            .init(payloadType: PayloadType(45), codec: .av1),
            .init(payloadType: PayloadType(98), codec: .vp9),
            .init(payloadType: PayloadType(102), codec: .h264),
        ]
        return [
            shape(
                "0",
                .audio,
                [.init(payloadType: PayloadType(111), codec: .opus)],
                [
                    .init(ssrc: SSRC(1))
                ]
            ),
            shape("1", .video, pictures, [.init(ssrc: SSRC(2), retransmission: SSRC(3))]),
            shape("2", .video, pictures, [.init(rid: "l"), .init(rid: "h")]),
        ]
    }

    private static func view(_ shape: UplinkShape, _ ssrc: SSRC) -> DownlinkShape {
        DownlinkShape(
            kind: shape.kind,
            codec: shape.kind == .audio ? .opus : .vp8,
            ssrc: ssrc,
            payloadType: PayloadType(shape.kind == .audio ? 111 : 96),
            // The camera's losses are repeated as they were, the screen's on a stream of their own.
            retransmission: shape.mid == "2"
                ? .init(ssrc: SSRC(ssrc.rawValue + 50), payloadType: PayloadType(97)) : nil,
            extensions: ExtensionIDs(audioLevel: 1, transportCC: 3),
            cname: "cname"
        )
    }

    private static func connect(
        _ person: Person,
        _ board: inout Switchboard,
        _ out: inout OutgoingBatch,
        _ now: Instant
    ) {
        var datagrams = [check(person, [], transaction: 7)]
        person.dtls.advance(to: now)
        for _ in 0..<8 {
            var buffer = [UInt8](repeating: 0, count: 1_500)
            var room = buffer.mutableSpan
            while let count = person.dtls.nextDatagram(into: &room) {
                datagrams.append([UInt8](copying: room.span.extracting(0..<count)))
            }
            for datagram in datagrams { give(datagram, person.path, &board, &out, now) }
            datagrams = []
            var answers: [[UInt8]] = []
            unsafe out.forEachPacket { bytes, _ in unsafe answers.append([UInt8](bytes)) }
            out.removeAll()
            for answer in answers where 20...63 ~= answer[0] {
                person.dtls.receive(answer.span, at: now)
            }
            while let event = person.dtls.nextEvent() {
                guard case .established(let number, let material) = event,
                    let profile = SRTPProfile(rawValue: number),
                    let keys = SRTPMasterKey.pair(from: material.span, profile: profile)
                else { continue }
                person.sender = SRTPSender(profile, keys.client)
            }
        }
    }

    private static func check(
        _ person: Person,
        _ more: [UInt8],
        transaction: UInt64
    ) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 1_500)
        let span = buffer.mutableSpan
        var writer = STUNWriter(
            .request,
            .binding,
            STUNTransactionID(high: 1, low: transaction),
            into: span
        )
        writer.append(.username, "\(person.credentials.ufrag):them")
        writer.append(.iceControlling, UInt64(9))
        writer.append(.useCandidate)
        if more.count > 2 {
            let type = STUNAttributeType(rawValue: UInt16(more[0]) << 8 | UInt16(more[1]))
            let value = Array(more[2...])
            writer.append(type, value.span)
        }
        writer.appendIntegrity(STUNKey(password: person.credentials.password))
        writer.appendFingerprint()
        let count = writer.finish()
        return Array(buffer.prefix(count ?? 0))
    }

    // MARK: - An input

    /// Orders of one byte for what, one for how long, and so many bytes.
    mutating func take(_ bytes: [UInt8]) {
        // Both consent again, or they would be gone after a while.
        give(Self.check(ada, [], transaction: 8), ada.path)
        give(Self.check(ben, [], transaction: 8), ben.path)
        var place = 0
        while place + 2 <= bytes.count, !gone {
            let (order, size) = (bytes[place], 4 * Int(bytes[place + 1]))
            let end = min(place + 2 + size, bytes.count)
            let rest = Array(bytes[place + 2..<end])
            place = end
            if order & 0x80 == 0 { obey(order, rest, ada) } else { obey(order, rest, ben) }
            turn()
        }
    }

    private mutating func obey(_ order: UInt8, _ bytes: [UInt8], _ person: Person) {
        switch order & 7 {
        case 0: give(bytes, Self.nowhere)
        case 1: give(bytes, person.path)
        case 2: give(Self.media(bytes, order, person), person.path)
        case 3: give(Self.sealed(bytes, person), person.path)
        case 4: give(Self.report(bytes, person), person.path)
        case 5:
            guard !bytes.isEmpty, person.dtls.send(bytes.span) else { return }
            for record in Self.records(person) { give(record, person.path) }
        case 6: give(Self.check(person, bytes, transaction: UInt64(order)), person.path)
        default:
            now = now + .milliseconds(Int(bytes.first ?? 1))
            guard bytes.count > 3 else { return }
            let downlink = DownlinkID(UInt64(bytes[1] & 1 == 0 ? 10 : 20) + UInt64(bytes[2] % 3))
            let showing: [Showing] = [.nothing, .upTo(pixels: 60_000), .everything]
            perform(.show(downlink, showing[Int(bytes[3]) % 3]))
            perform(.mute(UplinkID(10), bytes[3] & 8 != 0))
        }
    }

    private static var nowhere: DatagramPath {
        let ip = IPAddress(v4: 0x0B00_0001)
        return DatagramPath(remote: SocketAddress(ip: ip, port: 9), local: 0)
    }

    /// A packet of one of the person's streams with any content, and the next number or another.
    private static func media(
        _ bytes: [UInt8],
        _ order: UInt8,
        _ person: Person
    ) -> [UInt8] {
        guard bytes.count >= 4 else { return bytes }
        let stream = Int(order >> 3 & 3)
        person.sequences[stream] &+= 1
        let jump = Int16(Int8(bitPattern: bytes[0]))
        let sequence = person.sequences[stream] &+ UInt16(bitPattern: jump < 100 ? 0 : jump)
        let types: [UInt8] = [111, 96, 97, 45, 98, 102]
        let type = stream == 0 ? 111 : types[Int(bytes[1] & 0x7F) % types.count]
        var packet: [UInt8] = [
            0x90, type | bytes[1] & 0x80, UInt8(sequence >> 8), UInt8(sequence & 0xFF),
            0, 0, bytes[2], bytes[3], 0, 0, 0, UInt8(stream + 1),
            0xBE, 0xDE, 0, 3,
            0x10, bytes[2], 0x31, bytes[2], bytes[3], 0x40, 0x30 + UInt8(min(stream, 2)),
            0xA0, bytes[0] & 1 == 0 ? 0x6C : 0x68, 0, 0, 0,
        ]
        if stream == 3 { packet[11] = 40 + bytes[0] & 1 }
        return seal(packet, bytes.dropFirst(4), person)
    }

    /// Any bytes that have the shape of a packet.
    private static func sealed(_ bytes: [UInt8], _ person: Person) -> [UInt8] {
        let header = unsafe bytes.withUnsafeBytes { bytes in
            unsafe bytes.baseAddress.flatMap { unsafe RTPHeader($0, count: bytes.count) }
        }
        guard let header else { return bytes }
        let count = header.headerCount
        return seal(Array(bytes.prefix(count)), bytes.dropFirst(count), person)
    }

    private static func seal(
        _ header: [UInt8],
        _ payload: some Collection<UInt8>,
        _ person: Person
    ) -> [UInt8] {
        var room = header + Array(payload) + [UInt8](repeating: 0, count: 16)
        let ssrc = SSRC(header[8..<12].reduce(0) { $0 << 8 | UInt32($1) })
        let index = UInt64(header[2]) << 8 | UInt64(header[3])
        let size = unsafe room.withUnsafeMutableBytes { room -> Int? in
            guard let start = room.baseAddress else { return nil }
            return unsafe person.sender?.protect(
                start,
                headerCount: header.count,
                payload: UnsafeRawPointer(start + header.count),
                payloadCount: payload.count,
                ssrc: ssrc,
                index: index
            )
        }
        return Array(room.prefix(size ?? 0))
    }

    private static func report(_ bytes: [UInt8], _ person: Person) -> [UInt8] {
        var room = bytes + [UInt8](repeating: 0, count: 64)
        let size = unsafe room.withUnsafeMutableBytes { room -> Int? in
            guard let start = room.baseAddress else { return nil }
            return unsafe person.sender?.protectRTCP(
                start,
                count: bytes.count,
                capacity: room.count
            )
        }
        return size.map { Array(room.prefix($0)) } ?? bytes
    }

    private static func records(_ person: Person) -> [[UInt8]] {
        var records: [[UInt8]] = []
        var buffer = [UInt8](repeating: 0, count: 1_500)
        var room = buffer.mutableSpan
        while let count = person.dtls.nextDatagram(into: &room) {
            records.append([UInt8](copying: room.span.extracting(0..<count)))
        }
        return records
    }

    // MARK: - The board

    private mutating func perform(_ command: BoardCommand) {
        board.perform(command, at: now, into: &out)
        flush()
    }

    private mutating func give(_ bytes: [UInt8], _ path: DatagramPath) {
        Self.give(bytes, path, &board, &out, now)
        flush()
    }

    private static func give(
        _ bytes: [UInt8],
        _ path: DatagramPath,
        _ board: inout Switchboard,
        _ out: inout OutgoingBatch,
        _ now: Instant
    ) {
        guard !bytes.isEmpty else { return }
        var bytes = bytes
        unsafe bytes.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe board.receive(start, count: bytes.count, from: path, at: now, into: &out)
        }
    }

    private mutating func turn() {
        var turns = 0
        while !board.advance(to: now, into: &out) {
            flush()
            turns += 1
            precondition(turns < 1_000, "a turn ends")
        }
        flush()
        for case .gone in board.takeEvents() { gone = true }
    }

    private mutating func flush() {
        var packets: [([UInt8], DatagramPath)] = []
        unsafe out.forEachPacket { bytes, path in unsafe packets.append(([UInt8](bytes), path)) }
        out.removeAll()
        for (bytes, path) in packets {
            precondition(known.contains(path), "nothing goes where no check came from")
            guard bytes.count >= 12, 128...191 ~= bytes[0], !(192...223 ~= bytes[1]) else {
                continue
            }
            let ssrc = bytes[8..<12].reduce(0) { $0 << 8 | UInt32($1) }
            let stream = Stream(path: path, ssrc: ssrc)
            let number = SequenceNumber(UInt16(bytes[2]) << 8 | UInt16(bytes[3]))
            let index = number.extended(near: newest[stream] ?? 0)
            let old = seen[stream]?[index]
            precondition(old == nil || old == bytes.hashValue, "a number has one packet")
            seen[stream, default: [:]][index] = bytes.hashValue
            newest[stream] = max(newest[stream] ?? 0, index)
        }
    }
}

private let boardServer = boardContext()
private let boardClient = boardContext()

private func boardContext() -> DTLSContext {
    do {
        var random = SeededRandom(seed: 1)
        let certificate = try DTLSCertificate(
            notBefore: 946_684_800,
            notAfter: 4_102_444_799,
            using: &random
        )
        return try DTLSContext(certificate)
    } catch {
        preconditionFailure("a context can be made: \(error)")
    }
}
