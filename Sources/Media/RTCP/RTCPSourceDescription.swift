/// SDES: which streams are of one participant, told by a common name (RFC 3550 section 6.5).
///
///     |             SSRC              |
///     | item  | count | text ...      |    items, of which 1 is CNAME
///     | 0     | up to a word's end ...
package struct RTCPSourceDescription: ~Escapable {
    /// One source and what it is called. An empty name: it does not say.
    package struct Source: ~Escapable {
        package let ssrc: SSRC
        package let cname: Span<UInt8>

        @_lifetime(copy cname)
        init(_ ssrc: SSRC, _ cname: Span<UInt8>) {
            self.ssrc = ssrc
            self.cname = cname
        }
    }

    private let bytes: Span<UInt8>
    private var offset = 0
    private var remaining: Int

    @_lifetime(copy body)
    init?(_ body: Span<UInt8>, count: UInt8) {
        bytes = body
        remaining = Int(count)
        var offset = 0
        for _ in 0..<count {
            guard let chunk = Self.chunk(of: body, at: offset) else { return nil }
            offset = chunk.end
        }
    }

    @_lifetime(copy self)
    package mutating func next() -> Source? {
        guard remaining > 0, let chunk = Self.chunk(of: bytes, at: offset) else { return nil }
        let ssrc = SSRC(bytes.number32(at: offset))
        remaining -= 1
        offset = chunk.end
        return Source(ssrc, bytes.extracting(chunk.cname))
    }

    private static func chunk(
        of bytes: Span<UInt8>,
        at start: Int
    ) -> (cname: Range<Int>, end: Int)? {
        guard start + 4 < bytes.count else { return nil }
        var cname = start..<start
        var offset = start + 4
        while offset < bytes.count {
            guard bytes[offset] != 0 else {
                // The zero, and zeros after it up to the word's end. A packet is whole words.
                return (cname, min((offset + 1).roundedUpToFour, bytes.count))
            }
            guard offset + 2 <= bytes.count else { return nil }
            let end = offset + 2 + Int(bytes[offset + 1])
            guard end <= bytes.count else { return nil }
            if bytes[offset] == cnameItem, cname.isEmpty { cname = offset + 2..<end }
            offset = end
        }
        return nil
    }

    static var cnameItem: UInt8 { 1 }
}
