internal import Basics

/// What `roost doctor --probe` asks a media port: whether datagrams get there, and from where they come.
///
/// It is nobody's connectivity check and shows no password, so a board would be silent. But an operator has
/// to know whether the port is open while a node runs, too. So there is an answer: to a request that says
/// whose it is, not often, and never larger than the question, so that nobody can be flooded through it.
package enum ReachQuestion {
    /// Its SOFTWARE, as long as an answer wants room.
    package static let software = "roost doctor, with room for an answer"

    /// How many a board answers, of all who ask.
    static let rate = TokenBucket.Rate(perSecond: 10, burst: 20)

    /// Writes what is asked into a message that has been begun.
    package static func write(into writer: inout STUNWriter) {
        writer.append(.software, software)
        writer.appendFingerprint()
    }

    static func isOne(_ message: borrowing STUNMessage) -> Bool {
        guard message[.username] == nil, let text = message[.software],
            text.count == software.utf8.count, message.hasValidFingerprint
        else { return false }
        var index = 0
        for byte in software.utf8 {
            guard text[index] == byte else { return false }
            index += 1
        }
        return true
    }

    /// Answers where the question came from; 0 bytes if that would be more than was asked.
    static func answer(
        _ message: borrowing STUNMessage,
        of count: Int,
        from address: SocketAddress,
        into buffer: consuming MutableSpan<UInt8>
    ) -> Int {
        var writer = STUNWriter(.success, .binding, message.transaction, into: buffer)
        writer.append(.xorMappedAddress, address)
        writer.appendFingerprint()
        let size = writer.finish() ?? 0
        return size <= count ? size : 0
    }
}
