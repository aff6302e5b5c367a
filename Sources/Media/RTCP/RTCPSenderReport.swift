/// SR: a sender speaks of its stream, and of those it receives (RFC 3550 section 6.4.1).
package struct RTCPSenderReport: ~Escapable {
    package let info: RTCPSenderPart
    package let blockCount: Int
    private let blocks: Span<UInt8>

    @_lifetime(copy body)
    init?(_ body: Span<UInt8>, count: UInt8) {
        let size = RTCPSenderPart.size + RTCPReportBlock.size * Int(count)
        guard body.count >= size else { return nil }
        info = RTCPSenderPart(body)
        blockCount = Int(count)
        blocks = body.extracting(RTCPSenderPart.size..<size)
    }

    /// `index` from 0 up to ``blockCount``.
    package func block(_ index: Int) -> RTCPReportBlock {
        RTCPReportBlock(blocks, at: RTCPReportBlock.size * index)
    }
}
