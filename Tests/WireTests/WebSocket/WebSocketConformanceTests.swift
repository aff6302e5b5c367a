import Basics
import Testing
import Wire

/// The chapters of the usual black-box suites, as frames against a server's machine.
///
/// A case that is lawful ends with a ping that must be heard, since a connection that lives on is
/// half of what is asked.
@Suite struct `A WebSocket server's machine, asked by a conformance suite,` {
    private let alive = RawFrame(RawFrame.ping, "alive?")
    private let heard = WebSocketMachine.Event.ping(Array("alive?".utf8))

    @Test(arguments: [2, 125, 126, 127, 128, 65_535, 65_536])
    func `1: takes text of every length up to the limit`(count: Int) {
        let text = Array("{}".utf8) + [UInt8](repeating: 0x20, count: count - 2)
        let said = events(of: [RawFrame(RawFrame.text, text), alive])
        #expect(said == [.text(text), heard])
    }

    @Test func `1: takes a frame a byte at a time`() {
        let ping = RawFrame(RawFrame.ping, "slow").bytes
        #expect(events(of: ping, pieces: [1]) == [.ping(Array("slow".utf8))])
    }

    @Test func `1: takes two frames at once`() {
        #expect(events(of: [RawFrame(RawFrame.ping), RawFrame(RawFrame.ping)]).count == 2)
    }

    @Test(arguments: [0, 1, 125])
    func `2: hands out a ping's payload to be repeated`(count: Int) {
        let payload = (0..<count).map { UInt8(255 - $0) }
        #expect(events(of: [RawFrame(RawFrame.ping, payload)]) == [.ping(payload)])
    }

    @Test func `2: lives on after a pong that answers nothing`() {
        let said = events(of: [RawFrame(RawFrame.pong, "hello"), alive])
        #expect(said == [.pong(Array("hello".utf8)), heard])
    }

    @Test func `2: hears ten pings in order`() {
        let said = events(of: (0..<10).map { RawFrame(RawFrame.ping, "\($0)") })
        #expect(said == (0..<10).map { .ping(Array("\($0)".utf8)) })
    }

    @Test(arguments: [RawFrame.ping, RawFrame.pong, RawFrame.close])
    func `2: refuses control frames of 126 bytes, and control frames in pieces`(opcode: UInt8) {
        let long = RawFrame(opcode, [UInt8](repeating: 0x78, count: 126))
        #expect(events(of: [long, alive]).failure == 1002)
        #expect(events(of: [RawFrame(opcode, "x", isLast: false), alive]).failure == 1002)
    }

    @Test(arguments: UInt8(1)...7, [RawFrame.text, RawFrame.binary, RawFrame.ping])
    func `3: refuses reserved bits`(reserved: UInt8, opcode: UInt8) {
        let frame = RawFrame(opcode, Array("{}".utf8), reserved: reserved)
        #expect(events(of: [frame, alive]).failure == 1002)
    }

    @Test(arguments: Array(UInt8(3)...7) + Array(UInt8(11)...15))
    func `4: refuses reserved opcodes`(opcode: UInt8) {
        #expect(events(of: [RawFrame(opcode), alive]).failure == 1002)
        #expect(events(of: [RawFrame(RawFrame.text, "{}"), RawFrame(opcode)]).failure == 1002)
    }

    @Test func `5: takes text in frames of one byte`() {
        let text = Array("{}".utf8) + [UInt8](repeating: 0x20, count: 18)
        #expect(events(of: inPieces(text) + [alive]) == [.text(text), heard])
    }

    @Test func `5: takes a message whose frames are all empty`() {
        let first = RawFrame(RawFrame.binary, "", isLast: false)
        let middle = RawFrame(RawFrame.continuation, "", isLast: false)
        let last = RawFrame(RawFrame.continuation, "")
        #expect(events(of: [first, middle, last, alive]) == [.binary([]), heard])
    }

    @Test func `5: hears a ping between fragments at once`() {
        let first = RawFrame(RawFrame.text, "ping ", isLast: false)
        let last = RawFrame(RawFrame.continuation, "between")
        let said = events(of: [first, alive, last])
        #expect(said == [heard, .text(Array("ping between".utf8))])
        #expect(events(of: [first, alive]) == [heard])
    }

    @Test(arguments: [true, false])
    func `5: refuses to continue nothing`(isLast: Bool) {
        let loose = RawFrame(RawFrame.continuation, "x", isLast: isLast)
        #expect(events(of: [loose]).failure == 1002)
        let said = events(of: [RawFrame(RawFrame.text, "whole"), loose])
        #expect(said.first == .text(Array("whole".utf8)))
        #expect(said.failure == 1002)
    }

    @Test(arguments: [RawFrame.text, RawFrame.binary])
    func `5: refuses a message within a message`(opcode: UInt8) {
        let first = RawFrame(RawFrame.text, "a", isLast: false)
        #expect(events(of: [first, RawFrame(opcode, "b")]).failure == 1002)
    }

    @Test(
        arguments: [
            [0x80], [0xBF], [0xCE], [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xF0, 0x80, 0x80, 0xAF],
            [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
            [0xF8, 0x88, 0x80, 0x80],
            [0xFE], [0xFF],
        ] as [[UInt8]]
    )
    func `6: refuses what is not UTF-8, in one frame or in many`(bad: [UInt8]) {
        let text = Array("{\"a\":\"".utf8) + bad + Array("\"}".utf8)
        #expect(events(of: [RawFrame(RawFrame.text, text), alive]).failure == 1007)
        #expect(events(of: inPieces(text) + [alive]).failure == 1007)
        #expect(events(of: [RawFrame(RawFrame.text, bad), alive]).failure == 1007)
        let asBinary = events(of: [RawFrame(RawFrame.binary, text), alive])
        #expect(asBinary == [.binary(text), heard])
    }

    @Test func `6: refuses a character that two fragments don't complete`() {
        let first = RawFrame(RawFrame.text, [0x22, 0xCE], isLast: false)
        let last = RawFrame(RawFrame.continuation, [0xCE, 0x22])
        #expect(events(of: [first, last]).failure == 1007)
    }

    @Test func `6: takes characters split across frames, and the last and the strangest of them`() {
        for text in ["κόσμε", "Hello-µ@ßöäüàá-UTF-8!!", "\u{0}\u{7F}\u{7FF}\u{FFFF}\u{10FFFF}"] {
            let bytes = Array(text.utf8)
            #expect(events(of: inPieces(bytes) + [alive]) == [.text(bytes), heard])
        }
    }

    @Test func `6: fails in the frame that can't become text, before its message ends`() {
        let valid = RawFrame(RawFrame.text, "κόσμε", isLast: false)
        let spoilt = RawFrame(RawFrame.continuation, [0xF4, 0x90], isLast: false)
        #expect(events(of: [valid, spoilt]).failure == 1007)
        let octets = Array(spoilt.bytes.dropLast())
        #expect(events(of: valid.bytes + octets, pieces: [1]) == [])
    }

    @Test func `7: answers a close with and without a code`() {
        #expect(events(of: [RawFrame(RawFrame.close)]) == [.close(nil, reason: "")])
        let normal = RawFrame(RawFrame.close, [0x03, 0xE8] + Array("bye".utf8))
        #expect(events(of: [normal]) == [.close(.normal, reason: "bye")])
        let longest = RawFrame(RawFrame.close, [0x03, 0xE8] + [UInt8](repeating: 0x2A, count: 123))
        let reason = String(repeating: "*", count: 123)
        #expect(events(of: [longest]) == [.close(.normal, reason: reason)])
    }

    @Test func `7: closes within a message`() {
        let first = RawFrame(RawFrame.text, "unfinished", isLast: false)
        let close = RawFrame(RawFrame.close, [0x03, 0xE8])
        let last = RawFrame(RawFrame.continuation, "never heard")
        #expect(events(of: [first, close, last]) == [.close(.normal, reason: "")])
    }

    @Test func `7: refuses a close of one byte, and a reason that is not UTF-8`() {
        #expect(events(of: [RawFrame(RawFrame.close, [0x03])]).failure == 1002)
        for bad in [[0xCE], [0x61, 0xFF], [0xED, 0xA0, 0x80]] as [[UInt8]] {
            #expect(events(of: [RawFrame(RawFrame.close, [0x03, 0xE8] + bad)]).failure == 1007)
        }
    }

    @Test func `9: refuses a message above the limit, whole or in fragments`() {
        let whole = RawFrame(RawFrame.text, [UInt8](repeating: 0x20, count: 65_537))
        #expect(events(of: [whole]).failure == 1009)
        var fragments: [UInt8] = []
        WebSocketFrame.appendFragments(
            of: whole.payload.span,
            as: .text,
            fragmentBytes: 4_096,
            nextMask: { WebSocketMask(key: 0xDEAD_BEEF) },
            to: &fragments
        )
        #expect(events(of: fragments).failure == 1009)
    }

    @Test func `9: refuses a length of 2^62, and one of 2^63 and more`() {
        let far = RawFrame(RawFrame.binary).claiming(1 << 62)
        #expect(events(of: [far]).failure == 1009)
        let beyond = RawFrame(RawFrame.binary).claiming(1 << 63 + 1)
        #expect(events(of: [beyond]).failure == 1002)
        let begun = RawFrame(RawFrame.binary, "x", isLast: false)
        let overflow = RawFrame(RawFrame.continuation).claiming(UInt64(Int64.max))
        #expect(events(of: [begun, overflow]).failure == 1009)
    }

    private func inPieces(_ payload: [UInt8]) -> [RawFrame] {
        payload.enumerated().map { index, byte in
            let opcode = index == 0 ? RawFrame.text : RawFrame.continuation
            return RawFrame(opcode, [byte], isLast: index == payload.count - 1)
        }
    }
}
