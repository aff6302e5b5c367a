/// What may reach OpenSSL while a handshake lasts.
///
/// Until it is done nothing in a datagram proves who sent it, and OpenSSL takes any well-formed alert
/// or message for the peer's and gives up. Somebody who can send from the peer's address but not read
/// (the ClientHello race and its kin) must not be able to end a session with one datagram. So what no
/// honest handshake contains is kept away, and alerts in the clear are only noted.
///
/// A record (RFC 6347 section 4.1):
///
///      type  version  epoch  sequence number  length  fragment
///       1       2       2           6            2
enum DTLSGate {
    enum Judgement: Equatable {
        case pass
        /// An alert that anybody could have sent, by its number.
        case alert(UInt8)
        case drop
    }

    private static let headerSize = 13
    /// Before the fragment of a handshake message (section 4.2.2).
    private static let messageHeaderSize = 12

    /// `awaitsHello`: as a server that has heard nothing yet.
    static func judge(_ datagram: Span<UInt8>, awaitsHello: Bool) -> Judgement {
        var offset = 0
        while datagram.count - offset >= headerSize {
            let type = datagram[offset]
            let size = Int(datagram[offset + 11]) << 8 | Int(datagram[offset + 12])
            let start = offset + headerSize
            // Every version of DTLS begins so, and a hello may bear any of them.
            guard datagram[offset + 1] == 0xFE, size <= datagram.count - start else { return .drop }
            let isClear = datagram[offset + 3] == 0 && datagram[offset + 4] == 0
            switch type {
            case 20:  // change_cipher_spec
                if awaitsHello { return .drop }
            case 21 where isClear:  // alert: fatal, or close_notify
                guard size == 2 else { return .drop }
                let (level, description) = (datagram[start], datagram[start + 1])
                return level == 2 || description == 0 ? .alert(description) : .drop
            case 22:  // handshake
                guard awaitsHello else { break }
                // A ClientHello, or a piece of it, as the first message.
                let isHello =
                    isClear && size >= messageHeaderSize && datagram[start] == 1
                    && datagram[start + 4] == 0 && datagram[start + 5] == 0
                guard isHello else { return .drop }
            case 21, 23:  // encrypted, and kept by OpenSSL until it has the keys
                if isClear || awaitsHello { return .drop }
            default:
                return .drop
            }
            offset = start + size
        }
        return offset > 0 ? .pass : .drop
    }
}
