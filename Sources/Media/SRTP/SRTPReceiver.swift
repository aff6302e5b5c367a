package import Crypto

/// Opens what comes from one peer, RTP and RTCP, and says no to what is not the peer's.
///
/// For RTP it holds the keys alone. Which packet may still come is a matter of each stream, whose owner
/// asks ``PacketIndex`` before, and tells it after:
///
/// ```
/// guard let index = stream.index(of: number),                  // old, or seen: drop
///     let size = receiver.unprotect(packet, …, index: index)   // not the peer's: drop
/// else { return }
/// stream.mark(index)
/// ```
///
/// For RTCP everything is here, numbers included, since they travel in the packet.
///
/// Nothing allocates, but for a source of RTCP that was never heard before. The value may move between
/// threads, and is used by one at a time.
package struct SRTPReceiver: ~Copyable, Sendable {
    package let profile: SRTPProfile

    private let media: SRTPSessionKey
    private let control: SRTPSessionKey
    private var controlSources = ControlSources()

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

    /// With the keys themselves, as examples have them.
    package init(
        _ profile: SRTPProfile,
        media: consuming SRTPSessionKey,
        control: consuming SRTPSessionKey
    ) {
        self.profile = profile
        self.media = media
        self.control = control
    }

    /// Decrypts one packet of RTP in place and returns the size of what it is without its tag; none if it
    /// is not the peer's, in which case the bytes behind the header are worth nothing.
    ///
    /// `headerCount` is what a reader found by the lengths in it: the fixed part, sources and extensions.
    /// Until this has answered, nobody vouches for any of that.
    @inline(__always)
    package mutating func unprotect(
        _ packet: UnsafeMutableRawPointer,
        count: Int,
        headerCount: Int,
        ssrc: SSRC,
        index: UInt64
    ) -> Int? {
        let size = count &- media.tagSize
        guard headerCount >= 12, headerCount <= size, index <= PacketIndex.last else { return nil }
        let text = unsafe packet + headerCount
        let textCount = size &- headerCount
        let nonce = media.nonce(ssrc, index)
        switch media.cipher {
        case .gcm(let key):
            let isTheirs = unsafe key.open(
                text,
                count: textCount,
                nonce: nonce,
                head: packet,
                headCount: headerCount,
                tag: packet + size
            )
            return isTheirs ? size : nil
        case .counter(let key):
            let isTheirs = unsafe key.vouches(
                for: packet,
                count: size,
                with: UInt32(truncatingIfNeeded: index >> 16),
                tag: packet + size
            )
            guard isTheirs else { return nil }
            unsafe key.apply(to: text, count: textCount, into: text, from: nonce)
            return size
        }
    }

    /// Decrypts one compound packet of RTCP in place and returns the size of what it is without number
    /// and tag; none if it is not the peer's, has been seen, or is not encrypted.
    ///
    /// RFC 3711 lets RTCP go unencrypted, with a bit to say so. Nobody who speaks WebRTC may do that
    /// (RFC 8827 section 6.5), and a bit that turns encryption off is not left to strangers.
    package mutating func unprotectRTCP(_ packet: UnsafeMutableRawPointer, count: Int) -> Int? {
        let size = count &- profile.controlOverhead
        guard size >= SRTCP.headSize else { return nil }
        let isGCM = profile != .aes128CMHMACSHA1_80
        let (wordPlace, tagPlace) =
            isGCM ? (size + profile.tagSize, size) : (size, size + SRTCP.wordSize)
        let word = unsafe SRTCP.word(at: packet + wordPlace)
        guard word & SRTCP.encrypted != 0 else { return nil }
        let index = word & SRTCP.lastIndex
        let ssrc = unsafe SRTCP.ssrc(of: packet)
        guard controlSources.admits(index, from: ssrc) else { return nil }

        let nonce = control.nonce(ssrc, UInt64(index))
        let text = unsafe packet + SRTCP.headSize
        let textCount = size - SRTCP.headSize
        switch control.cipher {
        case .gcm(let key):
            let isTheirs = unsafe SRTCP.withHead(of: packet, word) { head in
                unsafe key.open(
                    text,
                    count: textCount,
                    nonce: nonce,
                    head: head,
                    headCount: SRTCP.headSize + SRTCP.wordSize,
                    tag: packet + tagPlace
                )
            }
            guard isTheirs else { return nil }
        case .counter(let key):
            let isTheirs = unsafe key.vouches(
                for: packet,
                count: tagPlace,
                with: nil,
                tag: packet + tagPlace
            )
            guard isTheirs else { return nil }
            unsafe key.apply(to: text, count: textCount, into: text, from: nonce)
        }
        controlSources.mark(index, from: ssrc)
        return size
    }
}
