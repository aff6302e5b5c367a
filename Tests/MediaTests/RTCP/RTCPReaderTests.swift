import Media
import Testing

@Suite struct `An RTCP reader` {
    static let senderReport: [UInt8] = [
        0x81, 200, 0, 12, 0, 0, 0, 1, 0xE0, 0, 0, 1, 0x80, 0, 0, 0, 0, 1, 2, 3, 0, 0, 0, 9, 0, 0, 1,
        0,
        0, 0, 0, 2, 0x40, 0xFF, 0xFF, 0xFE, 0, 1, 0x12, 0x34, 0, 0, 0, 5, 0, 1, 0x80, 0, 0, 0, 0x80,
        0,
    ]
    static let description: [UInt8] = [
        0x82, 202, 0, 6, 0, 0, 0, 1, 2, 1, 0x78, 1, 3, 0x61, 0x62, 0x63, 0, 0, 0, 0,
        0, 0, 0, 2, 0, 0, 0, 0,
    ]
    static let goodbye: [UInt8] = [0x81, 203, 0, 2, 0, 0, 0, 1, 2, 0x6F, 0x6B, 0]
    static let nack: [UInt8] = [
        0x81, 205, 0, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0xFF, 0xFF, 0x80, 0x01, 0, 9, 0, 0,
    ]
    static let pictureLoss: [UInt8] = [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2]
    static let intra: [UInt8] = [
        0x84, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 7, 0, 0, 0,
    ]
    static let estimate: [UInt8] = [
        0x8F, 206, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0, 0x52, 0x45, 0x4D, 0x42, 1, 0x12, 0x62, 0x5A,
        0, 0, 0, 2,
    ]

    @Test func `visits a compound in its order`() throws {
        let compound =
            Self.senderReport + Self.description + Self.goodbye + Self.nack + Self.pictureLoss
            + Self.intra + Self.estimate
        #expect(
            seen(compound) == [
                "SR 1 e000000180000000 66051 9 256 [2 64 -2 70196 5 98304 32768]",
                "SDES 1=abc 2=", "BYE 1 ok", "NACK 1 2 65535 0 15 9", "PLI 1 2", "FIR 1 2:7",
                "REMB 1 2500000 2",
            ]
        )
    }

    @Test func `visits what stands alone`() {
        #expect(seen(Self.pictureLoss) == ["PLI 1 2"])
        #expect(seen([0x80, 201, 0, 1, 0, 0, 0, 7]) == ["RR 7"])
        #expect(seen([0x80, 202, 0, 0]) == ["SDES"])
        #expect(seen([0x80, 203, 0, 0]) == ["BYE"])
    }

    @Test func `passes over what it does not know`() {
        let known = Self.pictureLoss
        let report: [UInt8] = [0x80, 207, 0, 1, 0, 0, 0, 1]
        let application: [UInt8] = [0x80, 204, 0, 2, 0, 0, 0, 1, 0x61, 0x62, 0x63, 0x64]
        let other: [UInt8] = [0x8F, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0x61, 0x62, 0x63, 0x64]
        let slice: [UInt8] = [0x82, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0]
        #expect(
            seen(report + application + other + slice + known) == [
                "other 207 0", "other 204 0", "other 206 15", "other 206 2", "PLI 1 2",
            ]
        )
    }

    @Test func `believes nothing of a datagram cut short anywhere`() {
        let packets = [
            Self.senderReport, Self.description, Self.goodbye, Self.nack, Self.pictureLoss,
            Self.intra, Self.estimate,
        ]
        for packet in packets {
            for count in 0..<packet.count {
                #expect(seen(Array(packet.prefix(count))) == nil)
                #expect(seen(Self.pictureLoss + packet.prefix(count)) == nil || count == 0)
            }
        }
    }

    /// The length is made right again, so that only the packet's own rules are broken.
    @Test func `loses but the packet that breaks its own rules`() {
        let packets = [
            (Self.senderReport, 52), (Self.description, 28), (Self.goodbye, 12), (Self.nack, 16),
            (Self.pictureLoss, 12), (Self.intra, 20), (Self.estimate, 24),
        ]
        for (packet, least) in packets {
            for words in 0..<least / 4 - 1 {
                var cut = Array(packet.prefix(4 + 4 * words))
                cut[3] = UInt8(words)
                let name = "\(cut[1]) \(cut[0] & 0x1F)"
                guard let seen = seen(cut + Self.pictureLoss) else {
                    Issue.record("the lengths add up")
                    continue
                }
                let isUntold = cut[1] == 206 && cut[0] == 0x8F && words < 3
                let isShorterGoodbye = cut[1] == 203 && words == 1
                let first =
                    isShorterGoodbye
                    ? "BYE 1" : isUntold ? "other \(name)" : "broken \(name)"
                #expect(seen == [first, "PLI 1 2"])
            }
        }
    }

    @Test(
        arguments: [
            // A reason longer than its packet, names without end or beyond it, more sources than bytes.
            [0x81, 203, 0, 2, 0, 0, 0, 1, 4, 0x6F, 0x6B, 0],
            [0x81, 203, 0, 2, 0, 0, 0, 1, 255, 0x6F, 0x6B, 0],
            [0x9F, 203, 0, 1, 0, 0, 0, 1],
            [0x81, 202, 0, 2, 0, 0, 0, 1, 1, 2, 0x61, 0x62],
            [0x81, 202, 0, 2, 0, 0, 0, 1, 1, 255, 0x61, 0x62],
            [0x81, 202, 0, 2, 0, 0, 0, 1, 0x61, 0, 0x61, 1],
            [0x82, 202, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0],
            [0x9F, 201, 0, 1, 0, 0, 0, 1],
            [0x84, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2],
            [0x8F, 206, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0x52, 0x45, 0x4D, 0x42, 1, 0x12, 0x62, 0x5A],
        ] as [[UInt8]]
    )
    func `calls a lie broken`(packet: [UInt8]) {
        #expect(seen(packet) == ["broken \(packet[1]) \(packet[0] & 0x1F)"])
    }

    @Test(
        arguments: [
            [0x41, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2],
            [0x81, 191, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2],
            [0x81, 224, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2],
            [0x81, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2],
            [0x81, 206, 0xFF, 0xFF, 0, 0, 0, 1, 0, 0, 0, 2],
            // Padding: none, more than there is.
            [0xA1, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0],
            [0xA1, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9],
            [0xA1, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 12],
            [0xA1, 206, 0, 0],
        ] as [[UInt8]]
    )
    func `refuses what is not RTCP`(bytes: [UInt8]) {
        #expect(seen(bytes) == nil)
    }

    @Test func `sees no padding`() {
        #expect(seen([0xA0, 201, 0, 2, 0, 0, 0, 7, 0, 0, 0, 4]) == ["RR 7"])
        #expect(seen([0xA1, 206, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 4]) == ["PLI 1 2"])
        #expect(seen([0xA1, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 4]) == ["broken 206 1"])
    }

    /// As libwebrtc pads: to whole words, and counts only the bytes that it took for that.
    @Test func `reads of arrivals that are rounded up`() {
        let ends: [[UInt8]] = [[4, 4, 0, 2], [4, 4, 4, 1]]
        for (count, end) in zip([4, 5] as [UInt8], ends) {
            let head: [UInt8] = [0xAF, 205, 0, 6, 0, 0, 0, 1, 0, 0, 0, 2, 0, 9, 0, count]
            let packet = head + [0, 0, 1, 0, 0x20, count, 8, 8] + end
            guard var reader = RTCPReader(packet.span), case .arrivals(var arrivals) = reader.next()
            else {
                Issue.record("it is news of arrivals")
                return
            }
            var ticks: [Int?] = []
            while let arrival = arrivals.next() { ticks.append(arrival.tick) }
            #expect(ticks == [8, 16, 20, 24, 28].prefix(Int(count)).map { $0 })
        }
    }

    @Test func `takes a bitrate beyond all bounds for none`() {
        for (bits, bitrate) in [
            (0x0000_0001, 1), (0x00FC_0000, 0), (0x00FC_0001, .max), (0x00F8_0001, 1 << 62),
            (0x00F8_0002, .max), (0x0003_FFFF, 262_143),
        ] as [(UInt32, Int64)] {
            var packet = Self.estimate
            for place in 0..<3 { packet[17 + place] = UInt8(bits >> (16 - 8 * place) & 0xFF) }
            #expect(seen(packet) == ["REMB 1 \(bitrate) 2"])
        }
    }
}

/// What a reader visits, in words; nil if it refuses the datagram.
func seen(_ bytes: [UInt8]) -> [String]? {
    guard var reader = RTCPReader(bytes.span) else { return nil }
    var words: [String] = []
    while let packet = reader.next() { words.append(name(packet)) }
    return words
}

private func name(_ packet: consuming RTCPPacket) -> String {
    switch packet {
    case .senderReport(let report):
        let info = report.info
        let ntp = String(info.ntp.rawValue, radix: 16)
        let blocks = (0..<report.blockCount).map { name(report.block($0)) }
        return
            ([
                "SR \(info.ssrc) \(ntp) \(info.timestamp) \(info.packetCount) \(info.byteCount)"
            ] + blocks).joined(separator: " ")
    case .receiverReport(let report):
        let blocks = (0..<report.blockCount).map { name(report.block($0)) }
        return (["RR \(report.sender)"] + blocks).joined(separator: " ")
    case .sourceDescription(var description):
        var words = ["SDES"]
        while let source = description.next() {
            words.append("\(source.ssrc)=\(text(source.cname))")
        }
        return words.joined(separator: " ")
    case .goodbye(let goodbye):
        let sources = (0..<goodbye.sourceCount).map { "\(goodbye.source($0))" }
        let reason = goodbye.reason.isEmpty ? [] : [text(goodbye.reason)]
        return (["BYE"] + sources + reason).joined(separator: " ")
    case .nack(var nack):
        var words = ["NACK \(nack.sender) \(nack.media)"]
        while let number = nack.next() { words.append("\(number)") }
        return words.joined(separator: " ")
    case .arrivals(var arrivals):
        var words = ["arrivals \(arrivals.base) \(arrivals.referenceTime)"]
        while let arrival = arrivals.next() {
            words.append(arrival.tick.map { "\($0)" } ?? "-")
        }
        return words.joined(separator: " ")
    case .pictureLoss(let sender, let media): return "PLI \(sender) \(media)"
    case .fullIntraRequest(let request):
        let entries = (0..<request.entryCount).map { index in
            "\(request.entry(index).ssrc):\(request.entry(index).number)"
        }
        return (["FIR \(request.sender)"] + entries).joined(separator: " ")
    case .receiverEstimate(let estimate):
        let sources = (0..<estimate.sourceCount).map { "\(estimate.source($0))" }
        let head = "REMB \(estimate.sender) \(estimate.bitrate.rawValue)"
        return ([head] + sources).joined(separator: " ")
    case .other(let type, let format): return "other \(type) \(format)"
    case .broken(let type, let format): return "broken \(type) \(format)"
    }
}

private func name(_ block: RTCPReportBlock) -> String {
    let numbers: [Int] = [
        Int(block.ssrc.rawValue), Int(block.fractionLost), Int(block.cumulativeLost),
        Int(block.highestSequence), Int(block.jitter), Int(block.lastReport), Int(block.delay),
    ]
    return "[\(numbers.map { "\($0)" }.joined(separator: " "))]"
}

private func text(_ bytes: Span<UInt8>) -> String {
    var copy: [UInt8] = []
    for index in bytes.indices { copy.append(bytes[index]) }
    return String(decoding: copy, as: UTF8.self)
}
