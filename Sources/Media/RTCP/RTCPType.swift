/// What a packet of RTCP is about: its second byte (RFC 3550 section 12.1, RFC 4585 section 6.1).
struct RTCPType: RawRepresentable, Hashable, BitwiseCopyable, Sendable {
    var rawValue: UInt8

    static var senderReport: RTCPType { RTCPType(rawValue: 200) }
    static var receiverReport: RTCPType { RTCPType(rawValue: 201) }
    static var sourceDescription: RTCPType { RTCPType(rawValue: 202) }
    static var goodbye: RTCPType { RTCPType(rawValue: 203) }
    /// RTPFB. Which feedback says the format.
    static var transportFeedback: RTCPType { RTCPType(rawValue: 205) }
    /// PSFB.
    static var payloadFeedback: RTCPType { RTCPType(rawValue: 206) }
}

/// The five bits that tell one feedback message from another (RFC 4585 sections 6.2 and 6.3).
enum RTCPFormat {
    /// Of ``RTCPType/transportFeedback``.
    static var nack: UInt8 { 1 }
    static var arrivals: UInt8 { 15 }
    /// Of ``RTCPType/payloadFeedback``.
    static var pictureLoss: UInt8 { 1 }
    static var fullIntraRequest: UInt8 { 4 }
    static var application: UInt8 { 15 }
}
