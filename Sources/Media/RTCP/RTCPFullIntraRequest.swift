/// FIR: a request for a key frame of each of some streams (RFC 5104 section 4.3.1). A request with
/// the number of the one before is the same, sent again.
package struct RTCPFullIntraRequest: ~Escapable {
    package struct Entry: Hashable, BitwiseCopyable, Sendable {
        package var ssrc: SSRC
        package var number: UInt8

        package init(ssrc: SSRC, number: UInt8) {
            self.ssrc = ssrc
            self.number = number
        }
    }

    package let sender: SSRC
    package let entryCount: Int
    private let bytes: Span<UInt8>

    @_lifetime(copy body)
    init?(_ body: Span<UInt8>) {
        guard body.count >= 16, body.count.isMultiple(of: 8) else { return nil }
        bytes = body
        sender = SSRC(body.number32(at: 0))
        entryCount = body.count / 8 - 1
    }

    /// `index` from 0 up to ``entryCount``.
    package func entry(_ index: Int) -> Entry {
        Entry(ssrc: SSRC(bytes.number32(at: 8 * index + 8)), number: bytes[8 * index + 12])
    }
}
