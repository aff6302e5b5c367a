package import Basics

/// What a proxy says about the client before the client's first byte (PROXY protocol, versions 1
/// and 2, as HAProxy specifies them).
///
/// Only a proxy that is trusted may be asked for it: anybody can write one. The header is at most
/// ``mostBytes`` long, so the caller gathers what has come and asks again with all of it.
package enum ProxyHeader: Equatable, Sendable {
    case needsMore
    /// The connection is on behalf of `source`. The header was this many bytes.
    case relayed(source: SocketAddress, destination: SocketAddress, count: Int)
    /// The proxy speaks for itself (a health check), or can't say for whom.
    case local(count: Int)
    case refused(Rule, at: Int)

    package enum Rule: String, Hashable, Sendable, CaseIterable {
        case signature = "A PROXY header is required on this port; is the proxy set to send it?"
        case line = "A PROXY line is a family, two addresses and two ports, one space between."
        case lineTooLong = "A PROXY line is at most 107 bytes long."
        case command = "A PROXY header is version 2, command LOCAL or PROXY."
        case family = "A PROXY header on a stream names a stream's addresses."
        case length = "A PROXY header's length does not fit what it names, or is above 536."
    }

    /// No header is longer: sixteen bytes, and 536 of addresses and extensions.
    package static let mostBytes = 16 + mostContent

    private static let mostContent = 536
    private static let mostLine = 107

    /// Reads the header that `bytes` begin with.
    package init(parsing bytes: Span<UInt8>) {
        guard !bytes.isEmpty else {
            self = .needsMore
            return
        }
        self = bytes[0] == UInt8(ascii: "P") ? Self.line(bytes) : Self.block(bytes)
    }

    // MARK: Version 1, a line of text

    private static func line(_ bytes: Span<UInt8>) -> ProxyHeader {
        let sign: StaticString = "PROXY "
        if let mismatch = mismatch(bytes, sign) { return .refused(.signature, at: mismatch) }
        let most = min(bytes.count, mostLine)
        var end = 0
        while end < most, bytes[end] != UInt8(ascii: "\n") {
            end += 1
        }
        guard end < most else {
            return bytes.count < mostLine ? .needsMore : .refused(.lineTooLong, at: mostLine)
        }
        guard end > 6, bytes[end - 1] == UInt8(ascii: "\r") else { return .refused(.line, at: end) }
        return line(bytes.extracting(0..<end - 1), count: end + 1)
    }

    private static func line(_ line: Span<UInt8>, count: Int) -> ProxyHeader {
        var words: [Range<Int>] = []
        var start = 6
        for index in 6...line.count where index == line.count || line[index] == UInt8(ascii: " ") {
            words.append(start..<index)
            start = index + 1
        }
        let family = line.extracting(words[0])
        // What else stands behind UNKNOWN is to be ignored.
        if family.equals("UNKNOWN") { return .local(count: count) }
        let isV4 = family.equals("TCP4")
        guard isV4 || family.equals("TCP6"), words.count == 5 else { return .refused(.line, at: 6) }
        do throws(AddressFault) {
            let source = try address(line, words[1], isV4: isV4)
            let destination = try address(line, words[2], isV4: isV4)
            let sourcePort = try port(line, words[3])
            let destinationPort = try port(line, words[4])
            return .relayed(
                source: SocketAddress(ip: source, port: sourcePort),
                destination: SocketAddress(ip: destination, port: destinationPort),
                count: count
            )
        } catch {
            return .refused(.line, at: error.offset)
        }
    }

    private static func address(
        _ line: Span<UInt8>,
        _ word: Range<Int>,
        isV4: Bool
    ) throws(AddressFault) -> IPAddress {
        let text = line.extracting(word)
        var hasColon = false
        for index in text.indices where text[index] == UInt8(ascii: ":") {
            hasColon = true
        }
        do throws(AddressFault) {
            guard hasColon != isV4 else { throw AddressFault("another family", at: 0) }
            return try IPAddress(parsing: text)
        } catch {
            throw AddressFault(error.rule, at: word.lowerBound + error.offset)
        }
    }

    private static func port(
        _ line: Span<UInt8>,
        _ word: Range<Int>
    ) throws(AddressFault) -> UInt16 {
        var number = 0
        for index in word {
            guard let digit = HTTPSyntax.digit(line[index]), number < 10_000 else {
                throw AddressFault("not a port", at: index)
            }
            number = number * 10 + Int(digit)
        }
        let hasLeadingZero = word.count > 1 && line[word.lowerBound] == UInt8(ascii: "0")
        guard !word.isEmpty, !hasLeadingZero, let port = UInt16(exactly: number) else {
            throw AddressFault("not a port", at: word.lowerBound)
        }
        return port
    }

    // MARK: Version 2, a block of bytes

    private static func block(_ bytes: Span<UInt8>) -> ProxyHeader {
        if let mismatch = mismatch(bytes, "\r\n\r\n\0\r\nQUIT\n") {
            return .refused(.signature, at: mismatch)
        }
        guard bytes.count > 12 else { return .needsMore }
        guard bytes[12] == 0x20 || bytes[12] == 0x21 else { return .refused(.command, at: 12) }
        guard bytes.count >= 16 else { return .needsMore }
        let isLocal = bytes[12] == 0x20
        let length = Int(bytes[14]) << 8 | Int(bytes[15])
        guard length <= mostContent else { return .refused(.length, at: 14) }
        let family = bytes[13]
        let width: Int
        switch family {
        case 0x11: width = 4
        case 0x21: width = 16
        // Unspecified, and Unix sockets: connections without an address that could be used.
        case 0x00, 0x31: width = 0
        default:
            guard isLocal else { return .refused(.family, at: 13) }
            width = 0
        }
        let isNamed = width > 0 && !isLocal
        if isNamed, length < 2 * width + 4 { return .refused(.length, at: 14) }
        let count = 16 + length
        guard bytes.count >= count else { return .needsMore }
        guard isNamed else { return .local(count: count) }
        let ports = 16 + 2 * width
        return .relayed(
            source: SocketAddress(
                ip: address(bytes, at: 16, width: width),
                port: UInt16(truncatingIfNeeded: number(bytes, at: ports, width: 2))
            ),
            destination: SocketAddress(
                ip: address(bytes, at: 16 + width, width: width),
                port: UInt16(truncatingIfNeeded: number(bytes, at: ports + 2, width: 2))
            ),
            count: count
        )
    }

    private static func address(_ bytes: Span<UInt8>, at index: Int, width: Int) -> IPAddress {
        if width == 4 {
            return IPAddress(v4: UInt32(truncatingIfNeeded: number(bytes, at: index, width: 4)))
        }
        return IPAddress(
            v6: number(bytes, at: index, width: 8),
            number(bytes, at: index + 8, width: 8)
        )
    }

    private static func number(_ bytes: Span<UInt8>, at index: Int, width: Int) -> UInt64 {
        var number: UInt64 = 0
        for place in index..<index + width {
            number = number << 8 | UInt64(bytes[place])
        }
        return number
    }

    /// The first byte, of those that have come, that isn't the signature's.
    private static func mismatch(_ bytes: Span<UInt8>, _ sign: StaticString) -> Int? {
        let letters = unsafe sign.utf8Start
        for index in 0..<min(bytes.count, sign.utf8CodeUnitCount)
        where unsafe bytes[index] != letters[index] {
            return index
        }
        return nil
    }
}
