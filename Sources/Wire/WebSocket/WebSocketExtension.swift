/// One extension as `Sec-WebSocket-Extensions` names it, with its parameters (RFC 6455 section 9.1).
///
///     permessage-deflate; client_max_window_bits; server_max_window_bits="10", x-other
///
/// A value in quotes must be a token once they are gone, so nothing hides in it.
struct WebSocketExtension: Hashable, Sendable {
    struct Parameter: Hashable, Sendable {
        var name: String
        var value: String?
    }

    /// More than any client offers; a head of the size allowed could hold thousands.
    static let limit = 16

    var name: String
    var parameters: [Parameter] = []

    /// Reads the values of all fields together, or returns nil if they break the grammar or a limit.
    static func list(in values: [ArraySlice<UInt8>]) -> [WebSocketExtension]? {
        var list: [WebSocketExtension] = []
        for value in values {
            var reader = Reader(bytes: value)
            repeat {
                reader.skipBlanks()
                // A list may have empty members (RFC 9110 section 5.6.1).
                if reader.isAtEnd || reader.isAt(UInt8(ascii: ",")) { continue }
                guard let one = reader.takeExtension(), list.count < limit else { return nil }
                list.append(one)
            } while reader.take(UInt8(ascii: ","))
            guard reader.isAtEnd else { return nil }
        }
        return list
    }
}

extension WebSocketExtension {
    private struct Reader {
        private let bytes: ArraySlice<UInt8>
        private var place: Int

        init(bytes: ArraySlice<UInt8>) {
            self.bytes = bytes
            place = bytes.startIndex
        }

        var isAtEnd: Bool { place == bytes.endIndex }

        func isAt(_ byte: UInt8) -> Bool { !isAtEnd && bytes[place] == byte }

        mutating func take(_ byte: UInt8) -> Bool {
            guard isAt(byte) else { return false }
            place += 1
            return true
        }

        mutating func skipBlanks() {
            while !isAtEnd && HTTPSyntax.isBlank(bytes[place]) { place += 1 }
        }

        mutating func takeExtension() -> WebSocketExtension? {
            guard let name = takeToken() else { return nil }
            var taken = WebSocketExtension(name: name)
            skipBlanks()
            while take(UInt8(ascii: ";")) {
                skipBlanks()
                guard let parameter = takeParameter(), taken.parameters.count < limit else {
                    return nil
                }
                taken.parameters.append(parameter)
                skipBlanks()
            }
            return taken
        }

        private mutating func takeParameter() -> Parameter? {
            guard let name = takeToken() else { return nil }
            skipBlanks()
            guard take(UInt8(ascii: "=")) else { return Parameter(name: name) }
            skipBlanks()
            let isQuoted = isAt(UInt8(ascii: "\""))
            guard let value = isQuoted ? takeQuotedToken() : takeToken() else { return nil }
            return Parameter(name: name, value: value)
        }

        private mutating func takeToken() -> String? {
            let start = place
            while !isAtEnd && HTTPSyntax.isToken(bytes[place]) { place += 1 }
            guard place > start else { return nil }
            return String(decoding: bytes[start..<place], as: UTF8.self)
        }

        private mutating func takeQuotedToken() -> String? {
            var token: [UInt8] = []
            guard take(UInt8(ascii: "\"")) else { return nil }
            while !take(UInt8(ascii: "\"")) {
                _ = take(UInt8(ascii: "\\"))
                guard !isAtEnd && HTTPSyntax.isToken(bytes[place]) else { return nil }
                token.append(bytes[place])
                place += 1
            }
            return token.isEmpty ? nil : String(decoding: token, as: UTF8.self)
        }
    }
}
