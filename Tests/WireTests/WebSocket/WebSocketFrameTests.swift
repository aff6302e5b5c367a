import Basics
import Testing
import Wire

@Suite struct `A WebSocket frame` {
    private let hello = Array("Hello".utf8)

    /// RFC 6455 section 5.7.
    @Test func `is written as in the examples of the RFC`() {
        #expect(WebSocketFrame.text(hello.span) == [0x81, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        #expect(WebSocketFrame.ping(hello.span) == [0x89, 0x05, 0x48, 0x65, 0x6C, 0x6C, 0x6F])
        let mask = WebSocketMask(key: 0x3D21_FA37)
        var masked: [UInt8] = []
        WebSocketFrame(.text).append(hello.span, mask: mask, to: &masked)
        #expect(masked == [0x81, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
        var pong: [UInt8] = []
        WebSocketFrame(.pong).append(hello.span, mask: mask, to: &pong)
        #expect(pong == [0x8A, 0x85, 0x37, 0xFA, 0x21, 0x3D, 0x7F, 0x9F, 0x4D, 0x51, 0x58])
        var fragments: [UInt8] = []
        WebSocketFrame.appendFragments(
            of: hello.span,
            as: .text,
            fragmentBytes: 3,
            to: &fragments
        )
        #expect(fragments == [0x01, 0x03, 0x48, 0x65, 0x6C, 0x80, 0x02, 0x6C, 0x6F])
        let medium = [UInt8](repeating: 1, count: 256)
        let long = [UInt8](repeating: 1, count: 65_536)
        #expect(WebSocketFrame.binary(medium.span).prefix(5) == [0x82, 0x7E, 0x01, 0x00, 1])
        #expect(
            WebSocketFrame.binary(long.span).prefix(11) == [0x82, 0x7F, 0, 0, 0, 0, 0, 1, 0, 0, 1]
        )
    }

    @Test(arguments: [0, 1, 125, 126, 65_535, 65_536])
    func `whose payload lies in two places is the same as if it lay in one`(count: Int) {
        let payload = (0..<count).map { UInt8(0x61 + $0 % 26) }
        for cut in Set([0, count / 2, count]) {
            let parts = (Array(payload[..<cut]), Array(payload[cut...]))
            let frame = WebSocketFrame.text(parts.0.span, then: parts.1.span)
            #expect(frame == WebSocketFrame.text(payload.span))
        }
    }

    @Test(arguments: [0, 1, 125, 126, 65_535, 65_536])
    func `of either end is read back by the other`(count: Int) {
        let payload = [UInt8](repeating: 0x61, count: count)
        #expect(events(of: WebSocketFrame.text(payload.span), as: .client) == [.text(payload)])
        var masked: [UInt8] = []
        WebSocketFrame(.text).append(payload.span, mask: WebSocketMask(key: 7), to: &masked)
        #expect(events(of: masked, as: .server) == [.text(payload)])
    }

    @Test(arguments: [0, 1, 9, 10, 11, 20, 35])
    func `of a fragmented message has a mask of its own, and the whole is read back`(count: Int) {
        let payload = (0..<count).map { UInt8($0 + 0x20) }
        var masks: [UInt32] = []
        var frames: [UInt8] = []
        WebSocketFrame.appendFragments(
            of: payload.span,
            as: .text,
            fragmentBytes: 10,
            nextMask: {
                masks.append(UInt32(masks.count) &* 0x0101_0101 &+ 1)
                return WebSocketMask(key: masks[masks.count - 1])
            },
            to: &frames
        )
        #expect(masks.count == max(1, (count + 9) / 10))
        #expect(events(of: frames) == [.text(payload)])
    }

    @Test func `that closes carries its code and reason`() {
        let frame = WebSocketFrame.close(.goingAway, reason: "restarting")
        #expect(events(of: frame, as: .client) == [.close(.goingAway, reason: "restarting")])
        #expect(WebSocketFrame.close(nil) == [0x88, 0x00])
        #expect(events(of: WebSocketFrame.close(nil), as: .client) == [.close(nil, reason: "")])
    }

    @Test func `that closes cuts a long reason between two characters`() {
        let reason = String(repeating: "é", count: 62)  // 124 bytes; 123 are free
        let frame = WebSocketFrame.close(.normal, reason: reason)
        let kept = String(repeating: "é", count: 61)
        #expect(events(of: frame, as: .client) == [.close(.normal, reason: kept)])
    }
}
