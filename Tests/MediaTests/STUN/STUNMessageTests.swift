import Basics
import Media
import Testing

@Suite struct `A STUN message` {
    @Test func `of RFC 5769 is read: a request of ICE`() throws {
        let bytes = STUNVectors.request
        let message = try STUNMessage(bytes.span)
        #expect(message.kind == .request)
        #expect(message.method == .binding)
        #expect(message.transaction == transaction)
        #expect(message.text(.software) == "STUN test client")
        #expect(message.number32(.priority) == 0x6E00_01FF)
        #expect(message.number64(.iceControlled) == 0x932F_F9B1_5126_3B36)
        #expect(message.text(.username) == "evtj:h6vY")
        #expect(message.has(.useCandidate) == false)
        #expect(message.isVouched(by: STUNKey(password: STUNVectors.password)) == true)
        #expect(message.hasValidFingerprint == true)
    }

    @Test(arguments: [
        (STUNVectors.responseV4, "192.0.2.1:32853"),
        (STUNVectors.responseV6, "[2001:db8:1234:5678:11:2233:4455:6677]:32853"),
    ])
    func `of RFC 5769 is read: an answer`(bytes: [UInt8], address: String) throws {
        let message = try STUNMessage(bytes.span)
        #expect(message.kind == .success)
        #expect(message.text(.software) == "test vector")
        #expect(try message.address(.xorMappedAddress) == SocketAddress(address))
        #expect(message.isVouched(by: STUNKey(password: STUNVectors.password)) == true)
        #expect(message.hasValidFingerprint == true)
    }

    @Test func `of RFC 5769 is read: a request with a user's key`() throws {
        let bytes = STUNVectors.longTerm
        let message = try STUNMessage(bytes.span)
        #expect(message.text(.username) == "マトリックス")
        #expect(message.text(.realm) == "example.org")
        let key = STUNKey(username: "マトリックス", realm: "example.org", password: "TheMatrIX")
        #expect(message.isVouched(by: key) == true)
        #expect(message.hasValidFingerprint == false, "it has none")
    }

    @Test func `is not vouched for by another key, nor after any of its bits has changed`() throws {
        let key = STUNKey(password: STUNVectors.password)
        let original = STUNVectors.responseV4
        #expect(try STUNMessage(original.span).isVouched(by: STUNKey(password: "other")) == false)
        let integrity = original.count - 8 - 24
        for bit in 0..<integrity * 8 {
            var bytes = original
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            let isBelieved: Bool
            do throws(STUNFault) {
                let message = try STUNMessage(bytes.span)
                isBelieved = message.isVouched(by: key) || message.hasValidFingerprint
            } catch {
                isBelieved = false
            }
            #expect(!isBelieved, "bit \(bit)")
        }
    }

    @Test func `shows nothing that stands behind its integrity`() throws {
        let bytes = written { writer in
            writer.append(.username, "before")
            writer.appendIntegrity(key)
            writer.append(.username, "behind")
            writer.append(.priority, UInt32(7))
            writer.appendFingerprint()
        }
        let message = try STUNMessage(bytes.span)
        #expect(message.isVouched(by: key) == true)
        #expect(message.hasValidFingerprint == true)
        #expect(message.text(.username) == "before")
        #expect(message.number32(.priority) == nil)
    }

    @Test func `counts the first of two attributes alike`() throws {
        let bytes = written { writer in
            writer.append(.nonce, "first")
            writer.append(.nonce, "second")
        }
        #expect(try STUNMessage(bytes.span).text(.nonce) == "first")
    }

    @Test func `names the attributes nobody here knows, each once`() throws {
        let bytes = written { writer in
            for number in [0x7F01, 0x7F02, 0x7F01, 0xC001, 0x0006] as [UInt16] {
                writer.append(STUNAttributeType(rawValue: number))
            }
        }
        let unknown = try STUNMessage(bytes.span).unknownAttributes(besides: [.username])
        #expect(unknown.map(\.rawValue) == [0x7F01, 0x7F02])
    }

    @Test func `of every class and method keeps them apart`() throws {
        for kind in [STUNClass.request, .indication, .success, .failure] {
            for number in UInt16(0)...0xFFF {
                var bytes = [UInt8](repeating: 0, count: 20)
                let method = STUNMethod(rawValue: number)
                let span = bytes.mutableSpan
                #expect(STUNWriter(kind, method, transaction, into: span).finish() == 20)
                let message = try STUNMessage(bytes.span)
                #expect(message.kind == kind && message.method == method)
            }
        }
    }

    struct Broken: Sendable {
        var bytes: [UInt8]
        var rule: STUNFault.Rule
        var offset: Int
    }

    @Test(arguments: [
        Broken(bytes: [], rule: .header, offset: 0),
        Broken(bytes: header(length: 0).dropLast(), rule: .header, offset: 19),
        Broken(bytes: [0x40] + header(length: 0).dropFirst(), rule: .firstBits, offset: 0),
        Broken(bytes: header(length: 3) + [1, 2, 3], rule: .length, offset: 2),
        Broken(bytes: header(length: 4), rule: .length, offset: 2),
        Broken(bytes: header(length: 0) + [0, 0, 0, 0], rule: .length, offset: 2),
        Broken(
            bytes: Array(header(length: 0).prefix(7)) + [0x43] + header(length: 0).dropFirst(8),
            rule: .cookie,
            offset: 4
        ),
        Broken(bytes: header(length: 8) + [0, 6, 0, 5, 1, 2, 3, 4], rule: .attribute, offset: 20),
        Broken(bytes: header(length: 4) + [0, 6, 0xFF, 0xFF], rule: .attribute, offset: 20),
        Broken(bytes: header(length: 8) + [0, 8, 0, 4, 1, 2, 3, 4], rule: .integrity, offset: 20),
        Broken(
            bytes: header(length: 12) + [0x80, 0x28, 0, 8] + [1, 2, 3, 4, 5, 6, 7, 8],
            rule: .fingerprint,
            offset: 20
        ),
        Broken(
            bytes: header(length: 12) + [0x80, 0x28, 0, 4, 1, 2, 3, 4] + [0, 0x25, 0, 0],
            rule: .fingerprint,
            offset: 20
        ),
    ])
    func `that breaks a rule is refused, with the rule and the byte`(broken: Broken) {
        #expect {
            _ = try STUNMessage(broken.bytes.span).method
        } throws: { error in
            guard let fault = error as? STUNFault else { return false }
            return fault.rule == broken.rule && fault.offset == broken.offset
        }
    }

    @Test func `in a stream says how long it is as soon as it can`() throws {
        let bytes = STUNVectors.request
        for count in 0..<4 {
            #expect(try STUNMessage.size(from: bytes.span.extracting(0..<count)) == nil)
        }
        #expect(try STUNMessage.size(from: bytes.span.extracting(0..<4)) == bytes.count)
        #expect(throws: STUNFault.self) {
            _ = try STUNMessage.size(from: [0x80, 0, 0, 0].span)
        }
    }

    @Test func `gives no value where an attribute breaks its own rule`() throws {
        let bytes = written { writer in
            writer.append(.xorMappedAddress, [0, 3, 0, 1, 1, 2, 3, 4].span)
            writer.append(.mappedAddress, [0, 1, 0, 1, 1, 2, 3].span)
            writer.append(.priority, [1, 2, 3].span)
            writer.append(.iceControlled, [1, 2, 3, 4].span)
            writer.append(.errorCode, [0, 0, 2, 99].span)
        }
        let message = try STUNMessage(bytes.span)
        #expect(message.address(.xorMappedAddress) == nil)
        #expect(message.address(.mappedAddress) == nil)
        #expect(message.number32(.priority) == nil)
        #expect(message.number64(.iceControlled) == nil)
        #expect(message.error == nil)
        #expect(message.has(.errorCode) == true)
    }

    private let key = STUNKey(password: "key")
    private let transaction = STUNTransactionID(high: 0xB7E7_A701, low: 0xBC34_D686_FA87_DFAE)

    private func written(_ body: (_ writer: inout STUNWriter) -> Void) -> [UInt8] {
        stunMessage(.request, .binding, transaction, body)
    }

    private static func header(length: UInt8) -> [UInt8] {
        [0, 1, 0, length, 0x21, 0x12, 0xA4, 0x42] + [UInt8](repeating: 7, count: 12)
    }
}

/// Writes a message into a buffer of 1,500 bytes and returns it.
func stunMessage(
    _ kind: STUNClass,
    _ method: STUNMethod,
    _ transaction: STUNTransactionID,
    _ body: (_ writer: inout STUNWriter) -> Void
) -> [UInt8] {
    var buffer = [UInt8](repeating: 0xAA, count: 1_500)
    let span = buffer.mutableSpan
    var writer = STUNWriter(kind, method, transaction, into: span)
    body(&writer)
    let count = writer.finish()
    return Array(buffer.prefix(count ?? 0))
}
