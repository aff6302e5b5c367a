import Basics
import CSRTP
import Crypto
import Media

/// libsrtp2, beside which our own is held: one direction of one stream.
@safe final class LibSRTP {
    private let session: srtp_t
    private let ssrc: UInt32

    private static let isReady: Bool = srtp_init() == srtp_err_status_ok

    init?(_ profile: SRTPProfile, _ master: SRTPMasterKey, ssrc: UInt32, hidesReports: Bool = true)
    {
        guard Self.isReady else { return nil }
        var policy = unsafe srtp_policy_t()
        switch profile {
        case .aes128CMHMACSHA1_80:
            unsafe srtp_crypto_policy_set_rtp_default(&policy.rtp)
            unsafe srtp_crypto_policy_set_rtcp_default(&policy.rtcp)
        case .aeadAES128GCM:
            unsafe srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp)
            unsafe srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp)
        case .aeadAES256GCM:
            unsafe srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtp)
            unsafe srtp_crypto_policy_set_aes_gcm_256_16_auth(&policy.rtcp)
        }
        unsafe policy.ssrc = srtp_ssrc_t(type: ssrc_specific, value: ssrc)
        if !hidesReports { unsafe policy.rtcp.sec_serv = sec_serv_auth }
        unsafe policy.window_size = 1_024
        unsafe policy.allow_repeat_tx = 1
        var key = master.key.revealed + master.salt.revealed
        var made: srtp_t?
        let isMade = unsafe key.withUnsafeMutableBufferPointer { key in
            unsafe policy.key = key.baseAddress
            return unsafe srtp_create(&made, &policy) == srtp_err_status_ok
        }
        guard isMade, let made = unsafe made else { return nil }
        unsafe session = made
        self.ssrc = ssrc
    }

    deinit {
        unsafe srtp_dealloc(session)
    }

    func setRollOver(_ count: UInt32) -> Bool {
        unsafe srtp_set_stream_roc(session, ssrc, count) == srtp_err_status_ok
    }

    func protect(_ packet: [UInt8]) -> [UInt8]? {
        unsafe change(packet) { unsafe srtp_protect(session, $0, $1) }
    }

    func unprotect(_ packet: [UInt8]) -> [UInt8]? {
        unsafe change(packet) { unsafe srtp_unprotect(session, $0, $1) }
    }

    func protectRTCP(_ packet: [UInt8]) -> [UInt8]? {
        unsafe change(packet) { unsafe srtp_protect_rtcp(session, $0, $1) }
    }

    func unprotectRTCP(_ packet: [UInt8]) -> [UInt8]? {
        unsafe change(packet) { unsafe srtp_unprotect_rtcp(session, $0, $1) }
    }

    private func change(
        _ packet: [UInt8],
        _ body: (UnsafeMutableRawPointer, UnsafeMutablePointer<CInt>) -> srtp_err_status_t
    ) -> [UInt8]? {
        var count = CInt(packet.count)
        // Words, since it wants its packets where words may lie.
        let room = UnsafeMutableRawBufferPointer.allocate(
            byteCount: packet.count + 160,
            alignment: 8
        )
        defer { unsafe room.deallocate() }
        unsafe room.copyBytes(from: packet)
        guard let base = room.baseAddress,
            unsafe body(base, &count) == srtp_err_status_ok
        else { return nil }
        return unsafe Array(room.prefix(Int(count)))
    }
}
