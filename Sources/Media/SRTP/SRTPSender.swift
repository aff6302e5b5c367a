package import Crypto

/// Protects what goes to one peer, RTP and RTCP (RFC 3711 section 3.3 and 3.4, RFC 7714 sections 8 and
/// 9).
///
/// ```
/// RTP            header │ payload, encrypted │ tag
/// RTCP, counter  8 bytes │ the rest, encrypted │ E, number │ tag
/// RTCP, GCM      8 bytes │ the rest, encrypted │ tag │ E, number
/// ```
///
/// One value for a peer, whatever the number of streams: the nonce has the SSRC in it. The caller counts
/// the packets of each stream; here are the keys alone, and RTCP's own number, which is one for all
/// sources of this session and so never the same twice for any of them.
///
/// Nothing allocates, and nothing waits. The value may move between threads, and is used by one at a time.
package struct SRTPSender: ~Copyable, Sendable {
    package let profile: SRTPProfile

    private let media: SRTPSessionKey
    private let control: SRTPSessionKey
    private var nextControlIndex: UInt32

    /// None if the master key's sizes are not the profile's, or the library is not on this machine.
    package init?(
        _ profile: SRTPProfile,
        _ master: SRTPMasterKey,
        library: PacketCipher.Library = .fastest
    ) {
        guard let media = SRTPSessionKey(profile, master, .media, library: library),
            let control = SRTPSessionKey(profile, master, .control, library: library)
        else { return nil }
        self.init(profile, media: media, control: control)
    }

    /// With the keys themselves, as examples have them, and with some RTCP already sent.
    package init(
        _ profile: SRTPProfile,
        media: consuming SRTPSessionKey,
        control: consuming SRTPSessionKey,
        nextControlIndex: UInt32 = 0
    ) {
        self.profile = profile
        self.media = media
        self.control = control
        self.nextControlIndex = nextControlIndex
    }

    /// Encrypts one packet of RTP, whose finished header (with its sources and extensions) already stands
    /// at `packet`, and returns the size of the whole.
    ///
    /// The payload is read from wherever it lies, which may be behind the header, and written behind the
    /// header, with the tag after it: there must be room for `SRTPProfile.tagSize` more bytes. The
    /// index is the 48 bits of roll-over count and sequence number. **No two different packets may ever
    /// have the same source and index**; a packet sent again must be the same to the last bit.
    @inline(__always)
    package mutating func protect(
        _ packet: UnsafeMutableRawPointer,
        headerCount: Int,
        payload: UnsafeRawPointer,
        payloadCount: Int,
        ssrc: SSRC,
        index: UInt64
    ) -> Int {
        let out = unsafe packet + headerCount
        let nonce = media.nonce(ssrc, index)
        switch media.cipher {
        case .gcm(let key):
            unsafe key.seal(
                payload,
                count: payloadCount,
                into: out,
                nonce: nonce,
                head: packet,
                headCount: headerCount,
                tag: out + payloadCount
            )
            return headerCount &+ payloadCount &+ GCMKey.tagSize
        case .counter(let key):
            unsafe key.apply(to: payload, count: payloadCount, into: out, from: nonce)
            unsafe key.write(
                tag: out + payloadCount,
                of: packet,
                count: headerCount &+ payloadCount,
                with: UInt32(truncatingIfNeeded: index >> 16)
            )
            return headerCount &+ payloadCount &+ CounterModeKey.tagSize
        }
    }

    /// Encrypts one compound packet of RTCP in place, and returns its new size, which is
    /// `SRTPProfile.controlOverhead` larger.
    ///
    /// None if there is no room, if it is too short to have a source, or after 2³¹ packets, when the
    /// keys are used up.
    package mutating func protectRTCP(
        _ packet: UnsafeMutableRawPointer,
        count: Int,
        capacity: Int
    ) -> Int? {
        guard count >= SRTCP.headSize, capacity >= count, nextControlIndex <= SRTCP.lastIndex,
            capacity - count >= profile.controlOverhead
        else { return nil }
        let index = nextControlIndex
        nextControlIndex += 1
        let nonce = control.nonce(unsafe SRTCP.ssrc(of: packet), UInt64(index))
        let word = index | SRTCP.encrypted
        let text = unsafe packet + SRTCP.headSize
        let textCount = count - SRTCP.headSize
        switch control.cipher {
        case .gcm(let key):
            unsafe SRTCP.withHead(of: packet, word) { head in
                unsafe key.seal(
                    text,
                    count: textCount,
                    into: text,
                    nonce: nonce,
                    head: head,
                    headCount: SRTCP.headSize + SRTCP.wordSize,
                    tag: packet + count
                )
            }
            unsafe SRTCP.write(word, at: packet + count + GCMKey.tagSize)
        case .counter(let key):
            unsafe key.apply(to: text, count: textCount, into: text, from: nonce)
            unsafe SRTCP.write(word, at: packet + count)
            unsafe key.write(
                tag: packet + count + SRTCP.wordSize,
                of: packet,
                count: count + SRTCP.wordSize,
                with: nil
            )
        }
        return count + profile.controlOverhead
    }
}
