import Basics
import Media
import Testing

@Suite struct `A STUN writer` {
    private let transaction = STUNTransactionID(high: 0xB7E7_A701, low: 0xBC34_D686_FA87_DFAE)

    /// The vectors pad with spaces where the writer pads with zeros, so the sums differ and the
    /// bytes before them do too, in those places only.
    @Test func `writes the answer of RFC 5769 up to its padding`() throws {
        let address = try SocketAddress("192.0.2.1:32853")
        let bytes = stunMessage(.success, .binding, transaction) { writer in
            writer.append(.software, "test vector")
            writer.append(.xorMappedAddress, address)
            writer.appendIntegrity(STUNKey(password: STUNVectors.password))
            writer.appendFingerprint()
        }
        var expected = STUNVectors.responseV4
        #expect(bytes.count == expected.count)
        let integrity = expected.count - 8 - 24
        expected[35] = 0
        #expect(bytes.prefix(integrity + 4) == expected.prefix(integrity + 4))
        let message = try STUNMessage(bytes.span)
        #expect(message.isVouched(by: STUNKey(password: STUNVectors.password)) == true)
        #expect(message.hasValidFingerprint == true)
    }

    /// Writes what a seed says, and reads it back.
    @Test(arguments: UInt64(0)..<200)
    func `is understood by the reader`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let transaction = STUNTransactionID(using: &random)
        let key = STUNKey(password: "key \(seed)")
        let isV6 = Bool.random(using: &random)
        let port = UInt16.random(in: 0...UInt16.max, using: &random)
        let ip =
            isV6
            ? IPAddress(v6: 0x2001_0DB8_0000_0000 | random.next() >> 32, random.next())
            : IPAddress(v4: UInt32(truncatingIfNeeded: random.next()))
        let address = SocketAddress(ip: ip, port: port)
        let words = String(repeating: "é", count: .random(in: 0...40, using: &random))
        let (small, large) = (UInt32(truncatingIfNeeded: random.next()), random.next())
        let error = STUNErrorCode(.random(in: 300...699, using: &random), words)

        let bytes = stunMessage(.failure, .allocate, transaction) { writer in
            writer.append(.realm, words)
            writer.append(.xorRelayedAddress, address)
            writer.append(.mappedAddress, address)
            writer.append(.lifetime, small)
            writer.append(.iceControlling, large)
            writer.append(.useCandidate)
            writer.append(error)
            writer.append(unknown: [.priority, .data])
            writer.appendIntegrity(key)
            writer.appendFingerprint()
        }

        let message = try STUNMessage(bytes.span)
        #expect(message.transaction == transaction)
        #expect(message.text(.realm) == words)
        #expect(message.address(.xorRelayedAddress) == address)
        #expect(message.address(.mappedAddress) == address)
        #expect(message.number32(.lifetime) == small)
        #expect(message.number64(.iceControlling) == large)
        #expect(message.has(.useCandidate) == true)
        #expect(message.error == error)
        #expect(message[.unknownAttributes]?.count == 4)
        #expect(message.isVouched(by: key) == true)
        #expect(message.hasValidFingerprint == true)
    }

    @Test func `answers nil for every buffer that is too small, and writes nothing beyond it`() {
        func size(in room: Int) -> (size: Int?, buffer: [UInt8]) {
            var buffer = [UInt8](repeating: 0xAA, count: room)
            let span = buffer.mutableSpan
            var writer = STUNWriter(.request, .binding, transaction, into: span)
            writer.append(.username, "abcde")
            writer.appendIntegrity(STUNKey(password: "key"))
            writer.appendFingerprint()
            let size = writer.finish()
            return (size, buffer)
        }
        let whole = 20 + 12 + 24 + 8
        for room in 0..<whole { #expect(size(in: room).size == nil, "\(room)") }
        #expect(size(in: whole).size == whole)
        let spare = size(in: whole + 1)
        #expect(spare.size == whole)
        #expect(spare.buffer.last == 0xAA)
    }

    @Test func `holds what the length field can count, and not four bytes more`() {
        func size(of value: Int) -> Int? {
            var buffer = [UInt8](repeating: 0, count: 70_000)
            let span = buffer.mutableSpan
            var writer = STUNWriter(.indication, .binding, transaction, into: span)
            writer.append(.data, [UInt8](repeating: 1, count: value).span)
            return writer.finish()
        }
        #expect(size(of: 65_528) == 20 + 4 + 65_528)
        #expect(size(of: 65_529) == nil)
        #expect(size(of: 66_000) == nil)
    }
}
