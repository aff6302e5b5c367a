extension IPAddress {
    /// Reads dotted IPv4 or any RFC 4291 spelling of IPv6, without brackets and without a zone.
    package init(_ text: String) throws(AddressFault) {
        try self.init(parsing: text.utf8.span)
    }

    package init(parsing text: Span<UInt8>) throws(AddressFault) {
        guard text.count <= 45 else { throw AddressFault("no address is that long", at: 45) }
        for index in text.indices where text[index] == UInt8(ascii: ":") {
            self = try Self.v6(text)
            return
        }
        self.init(v4: try Self.v4(text, from: 0))
    }

    private static let v4Rule =
        "an IPv4 address is four numbers from 0 to 255 with dots between, without leading zeros"
    private static let v6Rule =
        "an IPv6 address is eight groups of up to four hex digits, one run of zeros written ::"

    private static func v4(_ text: Span<UInt8>, from start: Int) throws(AddressFault) -> UInt32 {
        var bits: UInt32 = 0
        var index = start
        for part in 0..<4 {
            if part > 0 {
                guard index < text.count, text[index] == UInt8(ascii: ".") else {
                    throw AddressFault(v4Rule, at: index)
                }
                index += 1
            }
            let first = index
            var number: UInt32 = 0
            while index < text.count, index - first < 3, let digit = decimal(text[index]) {
                number = number * 10 + UInt32(digit)
                index += 1
            }
            let hasLeadingZero = index - first > 1 && text[first] == UInt8(ascii: "0")
            guard index > first, number <= 255, !hasLeadingZero else {
                throw AddressFault(v4Rule, at: first)
            }
            bits = bits << 8 | number
        }
        guard index == text.count else { throw AddressFault(v4Rule, at: index) }
        return bits
    }

    /// Groups before `::` and after it are gathered apart, then set against the two ends.
    private static func v6(_ text: Span<UInt8>) throws(AddressFault) -> IPAddress {
        var front = Groups()
        var back = Groups()
        var hasGap = false
        var index = 0
        if startsGap(text, at: 0) {
            hasGap = true
            index = 2
        }
        while index < text.count {
            if isDotted(text, from: index) {
                let bits = try v4(text, from: index)
                let room = front.count + back.count <= 6
                guard room else { throw AddressFault(v6Rule, at: index) }
                if hasGap { back.append(dotted: bits) } else { front.append(dotted: bits) }
                index = text.count
                break
            }
            let first = index
            var group: UInt16 = 0
            while index < text.count, index - first < 4, let digit = hex(text[index]) {
                group = group << 4 | UInt16(digit)
                index += 1
            }
            guard index > first, front.count + back.count < 8 else {
                throw AddressFault(v6Rule, at: first)
            }
            if hasGap { back.append(group) } else { front.append(group) }
            guard index < text.count else { break }
            if startsGap(text, at: index), !hasGap {
                hasGap = true
                index += 2
            } else if text[index] == UInt8(ascii: ":"), index + 1 < text.count {
                index += 1
            } else {
                throw AddressFault(v6Rule, at: index)
            }
        }
        let count = front.count + back.count
        guard hasGap ? count < 8 : count == 8 else { throw AddressFault(v6Rule, at: index) }
        front.shift(by: 8 - front.count)
        return IPAddress(v6: front.high | back.high, front.low | back.low)
    }

    private struct Groups {
        var high: UInt64 = 0
        var low: UInt64 = 0
        var count = 0

        mutating func append(_ group: UInt16) {
            shift(by: 1)
            low |= UInt64(group)
            count += 1
        }

        mutating func append(dotted bits: UInt32) {
            append(UInt16(bits >> 16))
            append(UInt16(truncatingIfNeeded: bits))
        }

        mutating func shift(by groups: Int) {
            for _ in 0..<groups {
                high = high << 16 | low >> 48
                low <<= 16
            }
        }
    }

    private static func startsGap(_ text: Span<UInt8>, at index: Int) -> Bool {
        index + 1 < text.count
            && text[index] == UInt8(ascii: ":") && text[index + 1] == UInt8(ascii: ":")
    }

    private static func isDotted(_ text: Span<UInt8>, from start: Int) -> Bool {
        for index in start..<text.count {
            if text[index] == UInt8(ascii: ":") { return false }
            if text[index] == UInt8(ascii: ".") { return true }
        }
        return false
    }

    private static func decimal(_ byte: UInt8) -> UInt8? {
        byte &- 0x30 < 10 ? byte &- 0x30 : nil
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        if byte &- 0x30 < 10 { return byte &- 0x30 }
        let letter = byte | 0x20
        return letter &- 0x61 < 6 ? letter &- 0x61 + 10 : nil
    }
}
