internal import Basics

/// Why a line is not a candidate: the rule of RFC 8839 section 5.1 that it breaks, and the word.
package struct ICECandidateFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Rule: String, Sendable {
        case beginning = "a candidate begins with \"candidate:\""
        case length = "a candidate has at most 1024 bytes"
        case incomplete = """
            a candidate has a foundation, a component, a transport, a priority, an address, a port \
            and a type
            """
        case foundation = "a foundation is 1 to 32 letters, digits, + or /"
        case component = "a component is a number from 1 to 256"
        case transport = "a transport is udp or tcp"
        case priority = "a priority is a number from 1 to 2147483647"
        case address = "an address is an IP address or a host name"
        case port = "a port is a number from 0 to 65535"
        case kind = "a type is host, srflx, prflx or relay"
        case tcpKind = "a TCP candidate has a tcptype: active, passive or so"
        case extensions = "an extension has a name and a value, and there are at most 32"
    }

    package var rule: Rule
    /// Counted from zero, with the foundation as the first.
    package var word: Int

    init(_ rule: Rule, word: Int) {
        self.rule = rule
        self.word = word
    }

    package var description: String { "\(rule.rawValue) (word \(word))" }
}

extension ICECandidate {
    /// Reads a line, with `a=` before it or without. Extensions that nobody here knows are skipped;
    /// a transport or a type that nobody knows is a fault, and its candidate to be left alone.
    package init(_ line: some StringProtocol) throws(ICECandidateFault) {
        guard line.utf8.count <= 1_024 else { throw ICECandidateFault(.length, word: 0) }
        var rest = Array(line.utf8)[...]
        if rest.starts(with: "a=".utf8) { rest.removeFirst(2) }
        guard rest.starts(with: "candidate:".utf8) else {
            throw ICECandidateFault(.beginning, word: 0)
        }
        rest.removeFirst("candidate:".utf8.count)
        while let last = rest.last, last == 0x20 || last == 0x0D || last == 0x0A {
            rest.removeLast()
        }
        let words = rest.split(separator: 0x20, omittingEmptySubsequences: true).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard words.count >= 8, words[6] == "typ" else {
            throw ICECandidateFault(.incomplete, word: words.count)
        }

        guard (1...32).contains(words[0].utf8.count), words[0].utf8.allSatisfy(\.isICEChar) else {
            throw ICECandidateFault(.foundation, word: 0)
        }
        guard let component = Self.number(words[1], 1...256) else {
            throw ICECandidateFault(.component, word: 1)
        }
        guard let priority = Self.number(words[3], 1...0x7FFF_FFFF) else {
            throw ICECandidateFault(.priority, word: 3)
        }
        guard let host = Host(words[4]) else { throw ICECandidateFault(.address, word: 4) }
        guard let port = Self.number(words[5], 0...65_535) else {
            throw ICECandidateFault(.port, word: 5)
        }
        guard let kind = Kind(rawValue: words[7].lowercased()) else {
            throw ICECandidateFault(.kind, word: 7)
        }
        let more = try Extensions(words[8...])
        let transport: Transport
        switch words[2].lowercased() {
        case "udp":
            transport = .udp
        case "tcp":
            guard let kind = more.tcpKind else {
                throw ICECandidateFault(.tcpKind, word: words.count)
            }
            transport = .tcp(kind)
        default:
            throw ICECandidateFault(.transport, word: 2)
        }
        self.init(
            foundation: words[0],
            component: UInt16(component),
            transport: transport,
            priority: priority,
            host: host,
            port: UInt16(port),
            kind: kind,
            related: more.related,
            generation: more.generation,
            ufrag: more.ufrag
        )
    }

    private static func number(_ text: String, _ range: ClosedRange<UInt32>) -> UInt32? {
        // Without a sign, which `UInt32` would take.
        guard text.utf8.first.map({ $0 &- 0x30 < 10 }) == true, let number = UInt32(text),
            range.contains(number)
        else { return nil }
        return number
    }

    private struct Extensions {
        var tcpKind: TCPKind?
        var related: SocketAddress?
        var generation: UInt32?
        var ufrag: String?

        init(_ words: ArraySlice<String>) throws(ICECandidateFault) {
            guard words.count.isMultiple(of: 2), words.count <= 64 else {
                throw ICECandidateFault(.extensions, word: words.endIndex)
            }
            var relatedIP: IPAddress?
            var relatedPort: UInt16 = 0
            for index in stride(from: words.startIndex, to: words.endIndex, by: 2) {
                let value = words[index + 1]
                switch words[index] {
                case "raddr":
                    // Left away if it is none: it is for people to look at.
                    if case .address(let address)? = Host(value) { relatedIP = address }
                case "rport":
                    guard let port = number(value, 0...65_535) else {
                        throw ICECandidateFault(.port, word: index + 1)
                    }
                    relatedPort = UInt16(port)
                case "tcptype":
                    guard let kind = TCPKind(rawValue: value.lowercased()) else {
                        throw ICECandidateFault(.tcpKind, word: index + 1)
                    }
                    tcpKind = kind
                case "generation":
                    generation = number(value, 0...UInt32.max)
                case "ufrag" where (4...256).contains(value.utf8.count):
                    ufrag = value.utf8.allSatisfy(\.isICEChar) ? value : nil
                default:
                    break
                }
            }
            if let relatedIP { related = SocketAddress(ip: relatedIP, port: relatedPort) }
        }
    }
}

extension ICECandidate.Host {
    /// An IP address, or else letters, digits, hyphens, underscores and dots.
    init?(_ text: String) {
        do throws(AddressFault) {
            self = .address(try IPAddress(text))
        } catch {
            let isName =
                (1...253).contains(text.utf8.count)
                && text.utf8.allSatisfy { byte in
                    byte != UInt8(ascii: "+") && byte != UInt8(ascii: "/") && byte.isICEChar
                        || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
                        || byte == UInt8(ascii: "_")
                }
                // An address that is none, such as 300.1.1.1, is no name either.
                && !text.utf8.allSatisfy { $0 &- 0x30 < 10 || $0 == UInt8(ascii: ".") }
            guard isName else { return nil }
            self = .name(text)
        }
    }
}
