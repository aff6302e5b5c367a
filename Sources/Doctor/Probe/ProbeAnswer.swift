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

    /// A question large enough for any answer.
    static func question(_ writer: inout STUNWriter) {
        writer.append(.software, "roost doctor, with room for an answer")
        writer.appendFingerprint()
    }
}
