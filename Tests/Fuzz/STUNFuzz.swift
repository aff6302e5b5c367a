import Basics
import Media

/// What was read can be written again, and what was written is vouched for; nothing that is one byte
/// short, or long, is read at all.
let fuzzSTUN: FuzzTarget = { bytes in
    do throws(STUNFault) {
        let message = try STUNMessage(bytes.span)
        check(message, bytes)
    } catch {
        precondition(error.offset <= bytes.count, "a fault is in the message")
    }
}

private func check(_ message: borrowing STUNMessage, _ bytes: [UInt8]) {
    var buffer = [UInt8](repeating: 0xAA, count: bytes.count + 64)
    let span = buffer.mutableSpan
    var writer = STUNWriter(message.kind, message.method, message.transaction, into: span)
    var attributes = message.attributes
    var size = 20
    while let attribute = attributes.next() {
        writer.append(attribute.type, attribute.value)
        size += 4 + (attribute.value.count + 3) / 4 * 4
    }
    precondition(size <= bytes.count, "attributes lie in their message")
    let key = STUNKey(password: "fuzz")
    writer.appendIntegrity(key)
    writer.appendFingerprint()
    guard let count = writer.finish() else {
        // Two attributes were added, which may be more than a length can say.
        precondition(size + 32 > 20 + 0xFFFC, "what was read can be written")
        return
    }
    precondition(count == size + 32)
    precondition(buffer[count...].allSatisfy { $0 == 0xAA }, "nothing is written beyond the end")

    do throws(STUNFault) {
        let copy = try STUNMessage(buffer.span.extracting(0..<count))
        precondition(copy.isVouched(by: key) && copy.hasValidFingerprint)
        precondition(copy.transaction == message.transaction && copy.method == message.method)
        precondition(copy.error == message.error)
        precondition(copy.number32(.priority) == message.number32(.priority))
        precondition(copy.number64(.iceControlling) == message.number64(.iceControlling))
        precondition(copy.address(.mappedAddress) == message.address(.mappedAddress))
        precondition(copy.text(.username) == message.text(.username))
        let unknown = message.unknownAttributes(besides: [.username])
        precondition(unknown.count <= 16)
        precondition(copy.unknownAttributes(besides: [.username]) == unknown)
        if let address = message.address(.xorMappedAddress) {
            checkAddress(address, message.transaction)
        }
    } catch {
        preconditionFailure("what was written can be read: \(error)")
    }
    for length in [0, 1, 19, bytes.count / 2, bytes.count - 1] where length < bytes.count {
        precondition(!isMessage(bytes.span.extracting(0..<length)), "a part is no whole")
    }
    precondition(!isMessage((bytes + [0, 0, 0, 0]).span), "a message ends where it says")
}

private func checkAddress(_ address: SocketAddress, _ transaction: STUNTransactionID) {
    var buffer = [UInt8](repeating: 0, count: 44)
    let span = buffer.mutableSpan
    var writer = STUNWriter(.success, .binding, transaction, into: span)
    writer.append(.xorMappedAddress, address)
    guard let count = writer.finish() else { preconditionFailure("an address fits") }
    do throws(STUNFault) {
        let copy = try STUNMessage(buffer.span.extracting(0..<count))
        precondition(copy.address(.xorMappedAddress) == address)
    } catch {
        preconditionFailure("an address that was written can be read: \(error)")
    }
}

private func isMessage(_ bytes: Span<UInt8>) -> Bool {
    do throws(STUNFault) {
        _ = try STUNMessage(bytes).kind
        return true
    } catch {
        return false
    }
}
