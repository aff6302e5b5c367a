/// The proof that a server understood a WebSocket handshake and didn't just repeat it (RFC 6455
/// section 1.3).
///
/// The client sends 16 bytes in base64; the server appends a constant that only WebSocket uses, and
/// answers with the SHA-1 of both. The hash is the caller's: this room has no ciphers.
enum WebSocketKey {
    private static let constant: StaticString = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    private static let letters: StaticString =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    /// Whether this is 16 bytes in base64: 22 letters and two marks of padding.
    static func isValid(_ key: Span<UInt8>) -> Bool {
        guard key.count == 24 else { return false }
        for index in 0..<22 where !isLetter(key[index]) { return false }
        return key[22] == UInt8(ascii: "=") && key[23] == UInt8(ascii: "=")
    }

    /// What to hash for the answer to this key.
    static func challenge(for key: Span<UInt8>) -> [UInt8] {
        var challenge: [UInt8] = []
        challenge.append(copying: key)
        challenge.append(constant)
        return challenge
    }

    /// Base64 as RFC 4648 section 4 has it.
    static func base64(_ bytes: Span<UInt8>) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let count = min(3, bytes.count - start)
            var group: UInt32 = 0
            for index in 0..<3 {
                group = group << 8 | (index < count ? UInt32(bytes[start + index]) : 0)
            }
            for place in 0...3 {
                let sixBits = Int(group >> UInt32(18 - place * 6) & 63)
                text.append(place <= count ? letter(sixBits) : UInt8(ascii: "="))
            }
        }
        return text
    }

    private static func letter(_ value: Int) -> UInt8 {
        unsafe letters.utf8Start[value]
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"): true
        default: false
        }
    }
}
