/// RR: somebody speaks of the streams it receives (RFC 3550 section 6.4.2).
package struct RTCPReceiverReport: ~Escapable {
    package let sender: SSRC
    package let blockCount: Int
    private let blocks: Span<UInt8>

    @_lifetime(copy body)
    init?(_ body: Span<UInt8>, count: UInt8) {
        let size = 4 + RTCPReportBlock.size * Int(count)
        guard body.count >= size else { return nil }
        sender = SSRC(body.number32(at: 0))
        blockCount = Int(count)
        blocks = body.extracting(4..<size)
    }

    /// `index` from 0 up to ``blockCount``.
    package func block(_ index: Int) -> RTCPReportBlock {
        RTCPReportBlock(blocks, at: RTCPReportBlock.size * index)
    }
}
