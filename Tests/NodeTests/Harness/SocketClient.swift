/// The client's side of a websocket, frame by frame.
struct SocketClient {
    struct Frame {
        var opcode: UInt8
        var isCompressed: Bool
        var payload: [UInt8]

        var text: String { String(decoding: payload, as: UTF8.self) }
        var closeCode: Int {
            payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : 1005
        }
    }

    let client: Client
    let answer: Client.Response
    /// Whether ``readText()`` does, as real clients do.
    var answersPings = false

    static let upgrade = [
        "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ]

    /// Asks for a websocket; ``answer`` says whether it became one.
    init(_ client: Client, _ path: String = "/api/v4/websocket", _ fields: [String] = []) throws {
        self.client = client
        answer = try client.get(path, Self.upgrade + fields)
    }

    func send(_ text: String) throws {
        try send(1, [UInt8](text.utf8))
    }

    func send(_ opcode: UInt8, _ payload: [UInt8], isCompressed: Bool = false) throws {
        let count = payload.count
        var frame: [UInt8] = [0x80 | (isCompressed ? 0x40 : 0) | opcode]
        switch count {
        case ..<126: frame.append(0x80 | UInt8(count))
        case ..<65_536: frame += [0x80 | 126, UInt8(count >> 8), UInt8(count & 255)]
        default: frame += [0x80 | 127] + (0..<8).map { UInt8(count >> (56 - 8 * $0) & 255) }
        }
        let mask: [UInt8] = [1, 2, 3, 4]
        frame += mask
        for (index, byte) in payload.enumerated() { frame.append(byte ^ mask[index & 3]) }
        try client.send(frame)
    }

    /// The next frame; nil when the connection has ended.
    func read() throws -> Frame? {
        while true {
            let bytes = client.received
            if bytes.count >= 2 {
                var length = Int(bytes[1] & 127)
                var start = 2
                if length >= 126 {
                    let width = length == 126 ? 2 : 8
                    start += width
                    length =
                        bytes.count < start
                        ? .max : bytes[2..<start].reduce(0) { $0 << 8 | Int($1) }
                }
                if length < bytes.count, bytes.count >= start + length {
                    client.received.removeFirst(start + length)
                    return Frame(
                        opcode: bytes[0] & 15,
                        isCompressed: bytes[0] & 0x40 != 0,
                        payload: Array(bytes[start..<start + length])
                    )
                }
            }
            guard try client.readMore() else { return nil }
        }
    }

    /// The next text; the other frames before it are passed over. Nil when a close frame comes.
    func readText() throws -> String? {
        while let frame = try read() {
            if frame.opcode == 1 { return frame.text }
            if frame.opcode == 9, answersPings { try send(10, frame.payload) }
            if frame.opcode == 8 { return nil }
        }
        return nil
    }

    /// The code the server closes with; what it says before is passed over. Nil if it ends without.
    func readCloseCode() throws -> Int? {
        while let frame = try read() {
            if frame.opcode == 8 { return frame.closeCode }
        }
        return nil
    }
}
