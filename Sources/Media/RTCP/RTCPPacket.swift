/// One packet of RTCP, as far as we listen to it.
package enum RTCPPacket: ~Escapable {
    case senderReport(RTCPSenderReport)
    case receiverReport(RTCPReceiverReport)
    case sourceDescription(RTCPSourceDescription)
    case goodbye(RTCPGoodbye)
    /// Please send these again (RFC 4585 section 6.2.1).
    case nack(RTCPNack)
    /// When packets arrived (draft-holmer-rmcat-transport-wide-cc-extensions-01).
    case arrivals(RTCPArrivals)
    /// Please send a key frame (RFC 4585 section 6.3.1).
    case pictureLoss(sender: SSRC, media: SSRC)
    /// Please send key frames of these (RFC 5104 section 4.3.1).
    case fullIntraRequest(RTCPFullIntraRequest)
    /// No more than this, please (draft-alvestrand-rmcat-remb-03).
    case receiverEstimate(RTCPReceiverEstimate)
    /// Well formed for all we know, and of no interest: APP, XR, feedback of other kinds.
    case other(type: UInt8, format: UInt8)
    /// Of a kind we listen to, but against its rules.
    case broken(type: UInt8, format: UInt8)

    /// `body` is what follows the four bytes that are common to all.
    @_lifetime(copy body)
    init(_ type: RTCPType, _ format: UInt8, _ body: Span<UInt8>) {
        self = .broken(type: type.rawValue, format: format)
        switch (type, format) {
        case (.senderReport, _):
            if let report = RTCPSenderReport(body, count: format) { self = .senderReport(report) }
        case (.receiverReport, _):
            if let report = RTCPReceiverReport(body, count: format) {
                self = .receiverReport(report)
            }
        case (.sourceDescription, _):
            if let description = RTCPSourceDescription(body, count: format) {
                self = .sourceDescription(description)
            }
        case (.goodbye, _):
            if let goodbye = RTCPGoodbye(body, count: format) { self = .goodbye(goodbye) }
        case (.transportFeedback, RTCPFormat.nack):
            if let nack = RTCPNack(body) { self = .nack(nack) }
        case (.transportFeedback, RTCPFormat.arrivals):
            if let arrivals = RTCPArrivals(body) { self = .arrivals(arrivals) }
        case (.payloadFeedback, RTCPFormat.pictureLoss):
            if body.count >= 8 {
                self = .pictureLoss(
                    sender: SSRC(body.number32(at: 0)),
                    media: SSRC(body.number32(at: 4))
                )
            }
        case (.payloadFeedback, RTCPFormat.fullIntraRequest):
            if let request = RTCPFullIntraRequest(body) { self = .fullIntraRequest(request) }
        case (.payloadFeedback, RTCPFormat.application):
            // Anybody may define such messages; the first word of each says whose it is.
            if body.count < 12 || body.number32(at: 8) != RTCPReceiverEstimate.name {
                self = .other(type: type.rawValue, format: format)
            } else if let estimate = RTCPReceiverEstimate(body) {
                self = .receiverEstimate(estimate)
            }
        default:
            self = .other(type: type.rawValue, format: format)
        }
    }
}
