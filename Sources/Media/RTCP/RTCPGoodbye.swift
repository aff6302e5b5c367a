/// BYE: these streams are over (RFC 3550 section 6.6).
package struct RTCPGoodbye: ~Escapable {
    package let sourceCount: Int
    /// Why, in words for people. Often empty.
    package let reason: Span<UInt8>
    private let sources: Span<UInt8>

    @_lifetime(copy body)
    init?(_ body: Span<UInt8>, count: UInt8) {
        let size = 4 * Int(count)
        guard body.count >= size else { return nil }
        sourceCount = Int(count)
        sources = body.extracting(0..<size)
        guard body.count > size else {
            reason = body.extracting(size..<size)
            return
        }
        let end = size + 1 + Int(body[size])
        guard end <= body.count else { return nil }
        reason = body.extracting(size + 1..<end)
    }

    /// `index` from 0 up to ``sourceCount``.
    package func source(_ index: Int) -> SSRC {
        SSRC(sources.number32(at: 4 * index))
    }
}
