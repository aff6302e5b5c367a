/// What encrypts the packets of one direction, of one kind: a key, ready for use, and the library that
/// works with it.
///
/// The seam between SRTP and the two libraries that know AES. Which of them it is, is chosen once,
/// when the key is made; after that a packet costs one branch. Nothing here allocates once it is made,
/// and keys are wiped when they go.
///
/// A key may be made on one thread and used on another, but never by two at once.
package enum PacketCipher: ~Copyable, Sendable {
    /// Encrypts and vouches in one go.
    case gcm(GCMKey)
    /// Encrypts by AES in counter mode, and vouches by HMAC-SHA-1.
    case counter(CounterModeKey)
}

extension PacketCipher {
    /// Whose code does the work. The bytes are the same.
    package enum Library: String, Sendable, CaseIterable {
        /// The faster one of those that are here: what everything but a test or an operator in doubt
        /// should ask for.
        case fastest
        /// Intel's library, where it is linked and the processor has the instructions it is made of.
        case multiBuffer
        /// OpenSSL, which works everywhere.
        case openSSL

        /// Whether keys can be made with it on this machine.
        package var isAvailable: Bool {
            self != .multiBuffer || Library.fastest.chosen == .multiBuffer
        }

        /// What it comes down to on this machine.
        package var chosen: Library {
            guard self == .fastest else { return self }
            #if canImport(CIPSec)
            return MultiBuffer.shared == nil ? .openSSL : .multiBuffer
            #else
            return .openSSL
            #endif
        }
    }
}
