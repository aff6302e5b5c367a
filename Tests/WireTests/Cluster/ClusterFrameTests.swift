import Basics
import Testing
import Wire

@Suite struct `Frames between nodes` {
    private let all: [ClusterFrame] = [
        .hello(
            LinkHello(
                versions: 1...3,
                cluster: "roost",
                from: "a#1",
                to: "b#2",
                received: 300,
                ledger: .max,
                otherLedger: 0
            )
        ),
        .welcome(LinkWelcome(version: 1, received: 0, ledger: 7)),
        .refusal("another cluster"),
        .acknowledgement(1 << 40),
        .pulse([1, 2, 3]),
        .certificate([4]),
        .relayed(RelayedFrame(from: "a#1", to: "b#2", way: .max, number: 1, content: [4, 5])),
        .relayed(RelayedFrame(from: "a#1", to: "b#2", way: 7, number: 2, content: [4]).end),
        .parcel(
            .call(
                Parcel.Call(number: 1, actor: "call/x", method: 2, patience: 2_000, arguments: [9])
            )
        ),
        .parcel(.letter(Parcel.Letter(actor: "node", content: []))),
        .parcel(.reply(to: 1, [1])),
        .parcel(.fault(to: 1, .refused(code: "full", "the node is full"))),
        .parcel(.fault(to: 1, .noActor("call/x"))),
        .parcel(.fault(to: 1, .noMethod(9))),
        .parcel(.cancel(1)),
    ]

    @Test func `come out as they went in, however they are cut`() throws {
        let bytes = all.flatMap(\.bytes)
        for piece in [1, 3, 7, 1_000] {
            var reader = ClusterFrameReader()
            var frames: [ClusterFrame] = []
            for start in stride(from: 0, to: bytes.count, by: piece) {
                reader.append(bytes[start..<min(start + piece, bytes.count)].span)
                while let frame = try reader.next() { frames.append(frame) }
            }
            #expect(frames == all)
            #expect(reader.pending == 0)
        }
    }

    @Test func `of four gigabytes are refused as soon as they are announced`() {
        var reader = ClusterFrameReader()
        reader.append([0xFF, 0xFF, 0xFF, 0xFF].span)
        #expect(throws: ClusterFrameReader.Fault.tooLong(4_294_967_295, limit: 1 << 20)) {
            try reader.next()
        }
    }

    @Test func `that are empty, unknown or cut inside are refused`() {
        for bytes: [UInt8] in [[0, 0, 0, 0], [0, 0, 0, 1, 99], [0, 0, 0, 2, 1, 10]] {
            var reader = ClusterFrameReader()
            reader.append(bytes.span)
            #expect(throws: ClusterFrameReader.Fault.self) { try reader.next() }
        }
    }

    @Test func `with fields of a later version are read`() throws {
        var bytes = ClusterFrame.acknowledgement(5).bytes
        bytes += [1, 2, 3]
        bytes[3] += 3
        var reader = ClusterFrameReader()
        reader.append(bytes.span)
        #expect(try reader.next() == .acknowledgement(5))
    }
}
