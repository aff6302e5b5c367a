/// What follows the question mark of a target, as forms write it: `a=1&b=two+words`.
///
/// Any bytes are some parameters: a percent sign that begins no escape stands for itself, and what
/// isn't UTF-8 is replaced, as in browsers. Decoded anew each time it is asked.
package struct QueryParameters: Sequence, Sendable {
    private let bytes: ArraySlice<UInt8>

    package init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    /// The value of the first parameter of this name.
    package func first(_ name: String) -> String? {
        for parameter in self where parameter.name == name {
            return parameter.value
        }
        return nil
    }

    package func makeIterator() -> Iterator { Iterator(rest: bytes) }

    package struct Iterator: IteratorProtocol {
        fileprivate var rest: ArraySlice<UInt8>

        package mutating func next() -> (name: String, value: String)? {
            while let first = rest.first, first == UInt8(ascii: "&") {
                rest.removeFirst()
            }
            guard !rest.isEmpty else { return nil }
            let end = rest.firstIndex(of: UInt8(ascii: "&")) ?? rest.endIndex
            let pair = rest[..<end]
            rest = rest[end...]
            guard let equals = pair.firstIndex(of: UInt8(ascii: "=")) else {
                return (Self.decode(pair), "")
            }
            return (Self.decode(pair[..<equals]), Self.decode(pair[(equals + 1)...]))
        }

        private static func decode(_ text: ArraySlice<UInt8>) -> String {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(text.count)
            var index = text.startIndex
            while index < text.endIndex {
                if text[index] == UInt8(ascii: "%"), index + 2 < text.endIndex,
                    let high = HTTPSyntax.hexDigit(text[index + 1]),
                    let low = HTTPSyntax.hexDigit(text[index + 2])
                {
                    bytes.append(high << 4 | low)
                    index += 3
                } else {
                    bytes.append(text[index] == UInt8(ascii: "+") ? 0x20 : text[index])
                    index += 1
                }
            }
            return String(decoding: bytes, as: UTF8.self)
        }
    }
}
