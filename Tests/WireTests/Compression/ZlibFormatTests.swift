import Basics
import Testing
import Wire

@Suite struct `Data in zlib's own format` {
    @Test func `from another program is expanded`() {
        // python3 -c "import zlib; print(zlib.compress(b'roost').hex())"
        let data: [UInt8] = [
            0x78, 0x9C, 0x2B, 0xCA, 0xCF, 0x2F, 0x2E, 0x01, 0x00, 0x06, 0xA2, 0x02, 0x38,
        ]
        var text: [UInt8] = []
        #expect(Inflater(.zlib).inflate(data.span, limit: 5, to: &text) == .ended(left: 0))
        #expect(text == Array("roost".utf8))
    }

    @Test func `comes back as it was, and not if its check sum is another`() {
        let body = someText(10_000, seed: 3)
        var data: [UInt8] = []
        Deflater(.zlib).deflate(body.span, flush: .finish, to: &data)
        var text: [UInt8] = []
        #expect(Inflater(.zlib).inflate(data.span, limit: 10_000, to: &text) == .ended(left: 0))
        #expect(text == body)
        data[data.count - 1] ^= 1
        text = []
        guard case .broken = Inflater(.zlib).inflate(data.span, limit: 10_000, to: &text) else {
            Issue.record("a wrong check sum was accepted")
            return
        }
    }
}
