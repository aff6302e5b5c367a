/// What one side says of itself in INIT or INIT ACK (RFC 9260 sections 3.3.2 and 3.3.3).
struct SCTPGreeting: Equatable {
    var tag: UInt32
    var window: UInt32
    var outgoingStreams: UInt16
    var incomingStreams: UInt16
    var firstTSN: TSN
    var knowsForwardTSN = false
    var knowsReconfiguration = false
    var acceptsZeroChecksum = false

    /// What came with it and is not part of what the peer is: its cookie, and the parameters that
    /// want to be reported, as they lay.
    struct Attachments {
        var cookie: [UInt8] = []
        var unrecognized: [UInt8] = []
    }

    enum Reading {
        case read(SCTPGreeting, Attachments)
        /// Not even enough to answer it.
        case malformed
        /// To be answered by ABORT to this tag.
        case refused(tag: UInt32, SCTPCause)
    }

    /// Reads the value of INIT or INIT ACK. Numbers of zero, and a window below 1,500, are refused
    /// (section 3.3.2).
    static func read(_ value: Span<UInt8>, isAck: Bool) -> Reading {
        guard value.count >= fixedSize else { return .malformed }
        var greeting = SCTPGreeting(
            tag: value.number32(at: 0),
            window: value.number32(at: 4),
            outgoingStreams: value.number16(at: 8),
            incomingStreams: value.number16(at: 10),
            firstTSN: TSN(value.number32(at: 12))
        )
        let tag = greeting.tag
        guard tag != 0 else { return .malformed }
        guard greeting.window >= 1_500, greeting.outgoingStreams > 0, greeting.incomingStreams > 0
        else { return .refused(tag: tag, .invalidParameter) }

        var attachments = Attachments()
        var parameters = SCTPParameters(value.extracting(fixedSize..<value.count))
        walk: while let parameter = parameters.next() {
            switch parameter.type {
            case .stateCookie where isAck: attachments.cookie = parameter.value.copied
            case .forwardTSN: greeting.knowsForwardTSN = true
            case .extensions:
                for index in parameter.value.indices {
                    switch SCTPChunkType(rawValue: parameter.value[index]) {
                    case .reconfiguration: greeting.knowsReconfiguration = true
                    case .forwardTSN: greeting.knowsForwardTSN = true
                    default: break
                    }
                }
            case .zeroChecksum:
                greeting.acceptsZeroChecksum =
                    parameter.value.count == 4
                    && parameter.value.number32(at: 0) == errorDetectionByDTLS
            case .hostName: return .refused(tag: tag, .unresolvableAddress)
            case .unrecognized where isAck: break
            case let type where type.isOfNoUse: break
            case let type:
                let size = attachments.unrecognized.count + parameter.whole.count.roundedUpToFour
                if type.wantsReport, size + 4 <= reportLimit {
                    attachments.unrecognized.report(parameter.whole)
                }
                guard type.maySkip else { break walk }
            }
        }
        guard !parameters.isBroken else { return .malformed }
        if isAck, attachments.cookie.isEmpty { return .refused(tag: tag, .missingParameter) }
        return .read(greeting, attachments)
    }

    /// The fixed part, and what we can do.
    static func write(
        _ greeting: SCTPGreeting,
        into writer: inout SCTPWriter
    ) {
        writer.append(greeting.tag)
        writer.append(greeting.window)
        writer.append(greeting.outgoingStreams)
        writer.append(greeting.incomingStreams)
        writer.append(greeting.firstTSN.rawValue)
        let extensions = writer.begin(SCTPParameterType.extensions)
        writer.append(SCTPChunkType.reconfiguration.rawValue)
        writer.append(SCTPChunkType.forwardTSN.rawValue)
        writer.end(extensions)
        writer.end(writer.begin(SCTPParameterType.forwardTSN))
        if greeting.acceptsZeroChecksum {
            let zeroChecksum = writer.begin(SCTPParameterType.zeroChecksum)
            writer.append(errorDetectionByDTLS)
            writer.end(zeroChecksum)
        }
    }

    private static var fixedSize: Int { 16 }
    /// The only other way to detect errors (RFC 9653 section 9.2).
    private static var errorDetectionByDTLS: UInt32 { 1 }
    /// As much as fits an INIT ACK beside all else, for any packet size.
    private static var reportLimit: Int { 256 }
}

extension [UInt8] {
    /// Appends a parameter that nobody here knows, wrapped as Unrecognized Parameter (RFC 9260
    /// section 3.3.3.1).
    fileprivate mutating func report(_ parameter: Span<UInt8>) {
        let count = UInt16(truncatingIfNeeded: 4 + parameter.count)
        append(contentsOf: [0, 8, UInt8(count >> 8), UInt8(count & 255)])
        append(contentsOf: parameter.copied)
        append(
            contentsOf: repeatElement(0, count: parameter.count.roundedUpToFour - parameter.count)
        )
    }
}
