// Frames as a client makes them, by hand: the code under test has no part in it.
extension RawClient {
    struct Frame: Equatable {
        var opcode: UInt8
        var payload: [UInt8]

        var text: String { String(decoding: payload, as: UTF8.self) }
        var closeCode: UInt16? {
            payload.count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : nil
        }
    }

    /// Asks for a websocket, and returns the response's head.
    @discardableResult
    func upgrade(_ path: String, fields: String = "") throws -> String {
        try send(
            "GET \(path) HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                + "\(fields)\r\n"
        )
        return try readResponse().head
    }

    func sendFrame(_ opcode: UInt8, _ payload: [UInt8], isLast: Bool = true) throws {
        precondition(payload.count < 65_536)
        var bytes: [UInt8] = [opcode | (isLast ? 0x80 : 0)]
        if payload.count < 126 {
            bytes.append(0x80 | UInt8(payload.count))
        } else {
            bytes += [0x80 | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        }
        let mask: [UInt8] = [0x11, 0x22, 0x33, 0x44]
        bytes += mask
        bytes += payload.enumerated().map { $0.element ^ mask[$0.offset % 4] }
        try send(bytes)
    }

    func sendText(_ text: String) throws {
        try sendFrame(1, [UInt8](text.utf8))
    }

    /// The next frame, or nil at the end of the connection.
    func readFrame() throws -> Frame? {
        guard try hold(2) else { return nil }
        var start = 2
        var length = Int(received[1])
        if length == 126 {
            guard try hold(4) else { return nil }
            length = Int(received[2]) << 8 | Int(received[3])
            start = 4
        } else if length == 127 {
            guard try hold(10) else { return nil }
            length = received[2..<10].reduce(0) { $0 << 8 | Int($1) }
            start = 10
        }
        guard try hold(start + length) else { return nil }
        let frame = Frame(
            opcode: received[0] & 15,
            payload: Array(received[start..<start + length])
        )
        drop(start + length)
        return frame
    }

    private func hold(_ count: Int) throws -> Bool {
        while received.count < count {
            guard try readMore() else { return false }
        }
        return true
    }
}
