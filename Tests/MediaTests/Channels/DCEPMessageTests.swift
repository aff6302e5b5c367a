import Media
import Testing

@Suite struct `A message about a data channel` {
    @Test(arguments: [
        ChannelOpening(label: "calls-dc"),
        ChannelOpening(label: "", subprotocol: "äöü", priority: 1_024, isOrdered: false),
        ChannelOpening(label: "a", reliability: .retransmits(7)),
        ChannelOpening(label: "b", isOrdered: false, reliability: .lifetime(.milliseconds(3_000))),
        ChannelOpening(label: String(repeating: "x", count: 256), reliability: .retransmits(0)),
    ])
    func `is read as it was written`(opening: ChannelOpening) {
        #expect(DCEPMessage(DCEPMessage.open(opening).bytes.span) == .open(opening))
    }

    /// What a browser sends for `createDataChannel("calls-dc")`.
    @Test func `is read as RFC 8832 has it`() {
        let bytes: [UInt8] =
            [3, 0, 1, 0, 0, 0, 0, 0, 0, 8, 0, 0] + Array("calls-dc".utf8)
        #expect(DCEPMessage(bytes.span) == .open(ChannelOpening(label: "calls-dc")))
        #expect(DCEPMessage([2].span) == .acknowledgement)
        #expect(DCEPMessage.acknowledgement.bytes == [2])
    }

    @Test func `is none when its lengths lie`() {
        let good = DCEPMessage.open(ChannelOpening(label: "label", subprotocol: "sub")).bytes
        for count in 0..<good.count { #expect(DCEPMessage(good.span.extracting(0..<count)) == nil) }
        #expect(DCEPMessage((good + [0]).span) == nil)
        for place in 8..<12 {
            for value in [1, 4, 6, 255] as [UInt8] where good[place] != value {
                var bad = good
                bad[place] = value
                #expect(DCEPMessage(bad.span) == nil, "byte \(place) is \(value)")
            }
        }
    }

    @Test func `is none of an unknown kind`() {
        var bytes = DCEPMessage.open(ChannelOpening(label: "x")).bytes
        for kind in [3, 0x83, 0x7F, 0xFF] as [UInt8] {
            bytes[1] = kind
            #expect(DCEPMessage(bytes.span) == nil)
        }
        for type in UInt8.min...UInt8.max where type != 3 {
            bytes[0] = type
            #expect(DCEPMessage(bytes.span) == nil)
        }
        #expect(DCEPMessage([2, 0].span) == nil)
    }
}
