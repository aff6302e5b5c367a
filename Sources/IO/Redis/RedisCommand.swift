/// A command to Redis: its name and its arguments, which are bytes and may be any.
///
///     RedisCommand("SET", "r1:{c}:gen", "7")
///
/// It is written out as it is built (RESP2, an array of bulk strings), so asking copies once.
package struct RedisCommand: Hashable, Sendable {
    /// What faults and logs say; arguments may be secret and are never shown.
    package let name: String
    private var count = 1
    private var words: [UInt8] = []

    package init(_ name: String, _ arguments: String...) {
        self.init(name, arguments)
    }

    package init(_ name: String, _ arguments: [String]) {
        self.name = name
        for word in name.split(separator: " ") { write(word.utf8) }
        count = max(name.split(separator: " ").count, 1)
        for argument in arguments { append(argument) }
    }

    package mutating func append(_ argument: String) {
        write(argument.utf8)
        count += 1
    }

    package mutating func append(_ argument: [UInt8]) {
        write(argument)
        count += 1
    }

    package mutating func append(_ argument: some FixedWidthInteger) {
        append(String(argument))
    }

    /// How many bytes it takes on the wire.
    package var size: Int { String(count).utf8.count + 3 + words.count }

    package func write(to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "*"))
        Self.write(count, to: &bytes)
        bytes += words
    }

    private mutating func write(_ word: some Collection<UInt8>) {
        words.append(UInt8(ascii: "$"))
        Self.write(word.count, to: &words)
        words += word
        words.append(13)
        words.append(10)
    }

    /// Decimal digits and the end of a line.
    private static func write(_ number: Int, to bytes: inout [UInt8]) {
        var scale = 1
        while number / scale >= 10 { scale *= 10 }
        while scale > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(number / scale % 10))
            scale /= 10
        }
        bytes.append(13)
        bytes.append(10)
    }
}

extension RedisCommand: CustomStringConvertible {
    package var description: String { name }
}
