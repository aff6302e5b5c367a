import Wire

/// A frame spelled out bit by bit, lawful or not: the slow and obvious writer that the tests trust.
struct RawFrame {
    var opcode: UInt8
    var payload: [UInt8] = []
    var isLast = true
    var reserved: UInt8 = 0
    var mask: [UInt8]? = [0x37, 0xFA, 0x21, 0x3D]
    /// The length to claim, and the number of bytes to write it with: 0, 2 or 8.
    var claim: UInt64?
    var lengthBytes: Int?

    static let continuation: UInt8 = 0
    static let text: UInt8 = 1
    static let binary: UInt8 = 2
    static let close: UInt8 = 8
    static let ping: UInt8 = 9
    static let pong: UInt8 = 10

    init(
        _ opcode: UInt8,
        _ payload: [UInt8] = [],
        isLast: Bool = true,
        reserved: UInt8 = 0,
        isMasked: Bool = true
    ) {
        self.opcode = opcode
        self.payload = payload
        self.isLast = isLast
        self.reserved = reserved
        if !isMasked { mask = nil }
    }

    init(_ opcode: UInt8, _ payload: String, isLast: Bool = true) {
        self.init(opcode, Array(payload.utf8), isLast: isLast)
    }

    func claiming(_ length: UInt64, in bytes: Int? = nil) -> RawFrame {
        var copy = self
        copy.claim = length
        copy.lengthBytes = bytes
        return copy
    }

    var bytes: [UInt8] {
        let length = claim ?? UInt64(payload.count)
        let width = lengthBytes ?? (length < 126 ? 0 : length < 65_536 ? 2 : 8)
        let mark = width == 0 ? UInt8(length) : width == 2 ? 126 : 127
        var bytes = [
            (isLast ? 0x80 : 0) | reserved << 4 | opcode,
            (mask == nil ? 0 : 0x80) | mark,
        ]
        for place in (0..<width).reversed() {
            bytes.append(UInt8(truncatingIfNeeded: length >> UInt64(place * 8)))
        }
        bytes += mask ?? []
        for (index, byte) in payload.enumerated() {
            bytes.append(mask.map { byte ^ $0[index % 4] } ?? byte)
        }
        return bytes
    }
}

/// All that a machine says of these bytes when they come in pieces of the given lengths, the last of
/// which is repeated.
func events(
    of bytes: [UInt8],
    as role: WebSocketMachine.Role = .server,
    limits: WebSocketMachine.Limits = .init(),
    deflate: WebSocketDeflate.Agreement? = nil,
    pieces: [Int] = [Int.max]
) -> [WebSocketMachine.Event] {
    var machine = WebSocketMachine(role: role, limits: limits, deflate: deflate)
    let codec = DeflateCodec()
    var events: [WebSocketMachine.Event] = []
    var start = 0
    var turn = 0
    while start < bytes.count {
        let length = max(1, pieces[min(turn, pieces.count - 1)])
        let end = length < bytes.count - start ? start + length : bytes.count
        let piece = bytes.span.extracting(start..<end)
        var offset = 0
        while true {
            let event = machine.next(in: piece, from: &offset, using: codec)
            guard event != .needsMore else { break }
            events.append(event)
        }
        precondition(offset == piece.count, "a machine that needs more has taken everything")
        start = end
        turn += 1
    }
    return events
}

func events(
    of frames: [RawFrame],
    as role: WebSocketMachine.Role = .server,
    limits: WebSocketMachine.Limits = .init(),
    deflate: WebSocketDeflate.Agreement? = nil
) -> [WebSocketMachine.Event] {
    events(of: frames.flatMap(\.bytes), as: role, limits: limits, deflate: deflate)
}

extension [WebSocketMachine.Event] {
    /// The code that these events end with, if they end with a failure.
    var failure: UInt16? {
        guard case .failed(let code, let reason) = last else { return nil }
        precondition(!reason.isEmpty && reason.utf8.count <= 123, "reasons fit a close frame")
        return code.rawValue
    }
}
