/// How loud a packet's sound is, said in its header, so that nobody has to decode it (RFC 6464).
package struct AudioLevel: Hashable, BitwiseCopyable, Sendable {
    /// As it is sent: the high bit says voice, the others the level.
    package var byte: UInt8

    package init(byte: UInt8) {
        self.byte = byte
    }

    /// `decibels` beyond 127 are 127.
    package init(decibelsBelowLoudest decibels: UInt8, hasVoice: Bool) {
        byte = min(decibels, 127) | (hasVoice ? 0x80 : 0)
    }

    /// 0 is as loud as can be, 127 is silence.
    package var decibelsBelowLoudest: UInt8 { byte & 0x7F }

    /// The sender believes that somebody speaks. Senders that don't tell leave it unset, or set.
    package var hasVoice: Bool { byte & 0x80 != 0 }
}
