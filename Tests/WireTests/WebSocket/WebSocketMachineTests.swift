import Basics
import Testing
import Wire

@Suite struct `A WebSocket machine` {
    /// RFC 6455 section 5.7.
    @Test func `reads the examples of the RFC`() {
        let unmasked: [UInt8] = [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]
        let masked: [UInt8] = [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        let fragmented: [UInt8] = [0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F]
        let ping: [UInt8] = [0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F]
        let pong: [UInt8] = [0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58]
        let hello = Array("Hello".utf8)
        #expect(events(of: unmasked, as: .client) == [.text(hello)])
        #expect(events(of: masked) == [.text(hello)])
        #expect(events(of: fragmented, as: .client) == [.text(hello)])
        #expect(events(of: ping, as: .client) == [.ping(hello)])
        #expect(events(of: pong) == [.pong(hello)])
        let medium = [0x82, 0x7E, 0x01, 0x00] + [UInt8](repeating: 7, count: 256)
        let long = [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0] + [UInt8](repeating: 7, count: 65_536)
        #expect(events(of: medium, as: .client) == [.binary(Array(medium[4...]))])
        #expect(events(of: long, as: .client) == [.binary(Array(long[10...]))])
    }

    @Test(arguments: [0, 1, 124, 125, 126, 127, 65_535, 65_536])
    func `reads messages of every form of length`(count: Int) {
        let payload = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(events(of: [RawFrame(RawFrame.binary, payload)]) == [.binary(payload)])
    }

    @Test func `hands out control frames between the fragments they came between`() {
        let said = events(of: [
            RawFrame(RawFrame.text, "ro", isLast: false),
            RawFrame(RawFrame.ping, "still there?"),
            RawFrame(RawFrame.continuation, "os", isLast: false),
            RawFrame(RawFrame.pong, ""),
            RawFrame(RawFrame.continuation, "t"),
        ])
        #expect(
            said == [.ping(Array("still there?".utf8)), .pong([]), .text(Array("roost".utf8))]
        )
    }

    @Test func `takes what follows a close and makes nothing of it`() {
        let frames = [RawFrame(RawFrame.close, [0x03, 0xE8]), RawFrame(RawFrame.ping, "late")]
        #expect(events(of: frames) == [.close(.normal, reason: "")])
    }

    @Test func `takes what follows a failure and makes nothing of it`() {
        let frames = [RawFrame(0x3), RawFrame(RawFrame.ping, "late")]
        #expect(events(of: frames).count == 1)
        #expect(events(of: frames).failure == 1002)
    }

    @Test func `as a client refuses masked frames, as a server unmasked ones`() {
        let masked = RawFrame(RawFrame.text, "{}")
        let unmasked = RawFrame(RawFrame.text, Array("{}".utf8), isMasked: false)
        #expect(events(of: [masked], as: .server) == [.text(Array("{}".utf8))])
        #expect(events(of: [unmasked], as: .client) == [.text(Array("{}".utf8))])
        #expect(events(of: [masked], as: .client).failure == 1002)
        #expect(events(of: [unmasked], as: .server).failure == 1002)
    }

    @Test(arguments: [(125, 2), (0, 2), (125, 8), (126, 8), (65_535, 8)])
    func `refuses a length written longer than needed`(length: Int, bytes: Int) {
        let frame = RawFrame(RawFrame.binary).claiming(UInt64(length), in: bytes)
        #expect(events(of: [frame]).failure == 1002)
    }

    @Test func `refuses a length of 64 bits at its first byte`() {
        let head = RawFrame(RawFrame.binary).claiming(1 << 63, in: 8).bytes
        #expect(events(of: Array(head[..<3])).failure == 1002)
    }

    @Test func `takes a frame of the limit and refuses one byte more by its head alone`() {
        let limits = WebSocketMachine.Limits(frameBytes: 200, messageBytes: 1_000)
        let whole = RawFrame(RawFrame.binary, [UInt8](repeating: 1, count: 200))
        let promised = RawFrame(RawFrame.binary).claiming(201)
        #expect(events(of: [whole], limits: limits) == [.binary(whole.payload)])
        #expect(events(of: [promised], limits: limits).failure == 1009)
    }

    @Test func `takes a message of the limit and refuses one byte more by its head alone`() {
        let limits = WebSocketMachine.Limits(frameBytes: 200, messageBytes: 300)
        let first = RawFrame(RawFrame.binary, [UInt8](repeating: 1, count: 200), isLast: false)
        let rest = RawFrame(RawFrame.continuation, [UInt8](repeating: 1, count: 100))
        let promised = RawFrame(RawFrame.continuation).claiming(101)
        let whole = [UInt8](repeating: 1, count: 300)
        #expect(events(of: [first, rest], limits: limits) == [.binary(whole)])
        #expect(events(of: [first, promised], limits: limits).failure == 1009)
    }

    @Test func `takes as many fragments as allowed and refuses one more`() {
        let limits = WebSocketMachine.Limits(fragments: 3)
        let first = RawFrame(RawFrame.text, "a", isLast: false)
        let middle = RawFrame(RawFrame.continuation, "b", isLast: false)
        let last = RawFrame(RawFrame.continuation, "c")
        let three = [first, middle, last]
        #expect(events(of: three + three, limits: limits).count == 2)
        #expect(events(of: [first, middle, middle, last], limits: limits).failure == 1009)
    }

    @Test func `refuses bad text at the byte that spoils it, not at the end of its message`() {
        let head = RawFrame(RawFrame.text, [0x6F, 0x6B, 0xFF], isLast: false).claiming(60_000)
        #expect(events(of: [head]).failure == 1007)
        #expect(events(of: Array(head.bytes.dropLast())) == [])
    }

    @Test(arguments: [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014])
    func `takes the close codes of the registry`(code: UInt16) {
        expectTaken(code)
    }

    @Test(arguments: [3000, 3999, 4000, 4999])
    func `takes the close codes of applications`(code: UInt16) {
        expectTaken(code)
    }

    @Test(arguments: [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])
    func `refuses all other close codes`(code: UInt16) {
        let payload = [UInt8(code >> 8), UInt8(code & 0xFF)]
        #expect(events(of: [RawFrame(RawFrame.close, payload)]).failure == 1002)
    }

    private func expectTaken(_ code: UInt16) {
        let payload = [UInt8(code >> 8), UInt8(code & 0xFF)] + Array("bye: été".utf8)
        let said = events(of: [RawFrame(RawFrame.close, payload)])
        #expect(said == [.close(WebSocketCloseCode(rawValue: code), reason: "bye: été")])
    }

    @Test func `is small, and owns no memory when it is idle`() {
        #expect(MemoryLayout<WebSocketMachine>.size <= 160)
        var machine = WebSocketMachine(role: .server)
        #expect(storage(of: machine) == 0)
        let codec = DeflateCodec()
        let frames = [
            RawFrame(RawFrame.text, "said", isLast: false),
            RawFrame(RawFrame.ping, "between"),
            RawFrame(RawFrame.continuation, " and done"),
        ]
        for bytes in frames.map(\.bytes) {
            var offset = 0
            while machine.next(in: bytes.span, from: &offset, using: codec) != .needsMore {}
        }
        #expect(storage(of: machine) == 0)
        var offset = 0
        let begun = RawFrame(RawFrame.text, "half a mess").claiming(100).bytes
        #expect(machine.next(in: begun.span, from: &offset, using: codec) == .needsMore)
        #expect(storage(of: machine) > 0 && storage(of: machine) < 64)
    }

    /// The capacity of all the arrays that the machine holds.
    private func storage(of machine: WebSocketMachine) -> Int {
        Mirror(reflecting: machine).children.reduce(0) { sum, child in
            sum + ((child.value as? [UInt8])?.capacity ?? 0)
        }
    }
}
