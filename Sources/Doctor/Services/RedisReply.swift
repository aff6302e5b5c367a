/// One reply of a Redis, as far as the doctor asks: a status, an error, a number, a text, or a list
/// of those (RESP2). Total, and bounded by ``limit`` bytes before anything is kept.
package enum RedisReply: Hashable, Sendable {
    case status(String)
    case error(String)
    case integer(Int64)
    case text(String?)
    case list([RedisReply])

    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        package var rule: String
        package var offset: Int

        package var description: String { "\(rule) (byte \(offset))" }
    }

    package static let limit = 64 << 10

    /// The reply at the beginning of these bytes and its size, or nil if more of it is to come.
    package static func parse(
        _ bytes: Span<UInt8>
    ) throws(Fault) -> (reply: RedisReply, size: Int)? {
        var offset = 0
        guard let reply = try parse(bytes, &offset, depth: 0) else {
            guard bytes.count < limit else {
                throw Fault(rule: "a reply to the doctor has at most \(limit) bytes", offset: limit)
            }
            return nil
        }
        return (reply, offset)
    }

    private static func parse(
        _ bytes: Span<UInt8>,
        _ offset: inout Int,
        depth: Int
    ) throws(Fault) -> RedisReply? {
        let start = offset
        guard let line = try line(bytes, &offset) else { return nil }
        guard !line.isEmpty else { throw Fault(rule: "a reply is no empty line", offset: start) }
        let rest = line.lowerBound + 1..<line.upperBound
        switch bytes[line.lowerBound] {
        case UInt8(ascii: "+"): return .status(text(bytes, rest))
        case UInt8(ascii: "-"): return .error(text(bytes, rest))
        case UInt8(ascii: ":"): return .integer(try number(bytes, rest))
        case UInt8(ascii: "$"):
            let count = try number(bytes, rest)
            if count == -1 { return .text(nil) }
            guard (0...Int64(limit)).contains(count) else {
                throw Fault(rule: "a text has from 0 to \(limit) bytes", offset: start)
            }
            let end = offset + Int(count)
            guard end + 2 <= bytes.count else { return nil }
            guard bytes[end] == 13, bytes[end + 1] == 10 else {
                throw Fault(rule: "a text ends in a carriage return and a line feed", offset: end)
            }
            defer { offset = end + 2 }
            return .text(text(bytes, offset..<end))
        case UInt8(ascii: "*"):
            let count = try number(bytes, rest)
            if count == -1 { return .text(nil) }
            guard depth < 2, (0...64).contains(count) else {
                throw Fault(rule: "a list has at most 64 elements, in two levels", offset: start)
            }
            var elements: [RedisReply] = []
            for _ in 0..<count {
                guard let element = try parse(bytes, &offset, depth: depth + 1) else { return nil }
                elements.append(element)
            }
            return .list(elements)
        default: throw Fault(rule: "a reply begins with one of + - : $ *", offset: start)
        }
    }

    /// The bounds of the next line, its end cut off.
    private static func line(
        _ bytes: Span<UInt8>,
        _ offset: inout Int
    ) throws(Fault) -> Range<Int>? {
        let start = offset
        while offset < bytes.count, bytes[offset] != 10 {
            guard offset - start < 1_024 else {
                throw Fault(rule: "a line has at most 1024 bytes", offset: offset)
            }
            offset += 1
        }
        guard offset < bytes.count else { return nil }
        offset += 1
        guard offset - start >= 2, bytes[offset - 2] == 13 else {
            throw Fault(
                rule: "a line ends in a carriage return and a line feed",
                offset: offset - 1
            )
        }
        return start..<offset - 2
    }

    private static func number(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(Fault) -> Int64 {
        guard let number = Int64(text(bytes, range)) else {
            throw Fault(rule: "a number has decimal digits", offset: range.lowerBound)
        }
        return number
    }

    private static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        var copy: [UInt8] = []
        copy.reserveCapacity(range.count)
        for index in range { copy.append(bytes[index]) }
        return String(decoding: copy, as: UTF8.self)
    }
}
