package import Basics
internal import Media

/// What `roost doctor --answer` says to a STUN Binding request, and when it says nothing.
///
/// Whoever asks may have forged the sender's address, so an answer is never larger than its
/// question: nobody can be flooded through us.
package enum ProbeAnswer {
    /// The answer, or nil for anything but a well-formed request of sufficient size.
    package static func answer(to datagram: [UInt8], from sender: SocketAddress) -> [UInt8]? {
        do throws(STUNFault) {
            let message = try STUNMessage(datagram.span)
            guard message.kind == .request, message.method == .binding,
                message.unknownAttributes(besides: []).isEmpty
            else { return nil }
            let answer = STUNDialogue.message(.success, .binding, message.transaction) { writer in
                writer.append(.xorMappedAddress, sender)
                writer.appendFingerprint()
            }
            return answer.count <= datagram.count ? answer : nil
        } catch {
            return nil
        }
    }

    /// The answer to a question that may have come behind its length, as over TCP; it then goes so, too.
    static func answer(toStreamed bytes: [UInt8], from sender: SocketAddress) -> [UInt8]? {
        let isFramed =
            bytes.count > 2 && Int(bytes[0]) << 8 | Int(bytes[1]) == bytes.count - 2
        guard isFramed else { return answer(to: bytes, from: sender) }
        return answer(to: Array(bytes.dropFirst(2)), from: sender).map(STUNDialogue.framed)
    }

    /// A question large enough for any answer, which a running node answers, too.
    static func question(_ writer: inout STUNWriter) {
        ReachQuestion.write(into: &writer)
    }
}
