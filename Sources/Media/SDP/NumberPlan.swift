/// Which numbers one peer's sections use for what, so that our offers reuse the peer's own and never
/// give a number two meanings within the bundle (RFC 8843 section 9.1, RFC 8285 section 7).
struct NumberPlan: Hashable, Sendable {
    enum Purpose: Hashable, Sendable {
        case codec(Codec)
        case repair(Codec)
    }

    private var payloadTypes: [Purpose: PayloadType] = [:]
    private var extensions: [HeaderExtension: UInt8] = [:]
    /// The payload types that mean something, one bit each.
    private var usedTypes = UInt128(0)
    private var usedExtensions: Set<UInt8> = []

    /// Takes note of what a peer offers, used or not.
    mutating func learn(from section: SessionDescription.Section) {
        var codecs: [PayloadType: Codec] = [:]
        for format in section.formats {
            if let codec = format.codec { codecs[format.payloadType] = codec }
        }
        for format in section.formats {
            let repaired = format.repaired.flatMap { codecs[$0] }
            learn(
                format.payloadType,
                codecs[format.payloadType].map(Purpose.codec) ?? repaired.map(Purpose.repair)
            )
        }
        for one in section.extensions {
            let kind = HeaderExtension(rawValue: one.uri)
            for (other, id) in extensions where id == one.id && other != kind {
                extensions.removeValue(forKey: other)
            }
            usedExtensions.insert(one.id)
            guard let kind, one.id <= 14, extensions[kind] == nil else { continue }
            extensions[kind] = one.id
        }
    }

    /// The number for `purpose` in our offers; nil if all are taken.
    mutating func payloadType(for purpose: Purpose) -> PayloadType? {
        if let known = payloadTypes[purpose] { return known }
        // The dynamic range, then what RFC 5761 section 4 leaves beside the types of RTCP.
        let candidates = [purpose.usualType] + Array(96...127) + Array(35...63)
        guard let free = candidates.first(where: { !isUsed($0) }) else { return nil }
        learn(PayloadType(free), purpose)
        return PayloadType(free)
    }

    /// The number for `one` in our offers, of those that fit one-byte headers; nil if all are taken.
    mutating func id(for one: HeaderExtension) -> UInt8? {
        if let known = extensions[one] { return known }
        let candidates = [one.usualID] + Array(1...14)
        guard let free = candidates.first(where: { !usedExtensions.contains($0) }) else {
            return nil
        }
        usedExtensions.insert(free)
        extensions[one] = free
        return free
    }

    /// A peer may give a number of ours another meaning: Firefox does where it had not agreed to ours,
    /// aiortc where it had. It is its own from then on.
    private mutating func learn(_ payloadType: PayloadType, _ purpose: Purpose?) {
        usedTypes |= 1 << payloadType.rawValue
        for (other, number) in payloadTypes where number == payloadType && other != purpose {
            payloadTypes.removeValue(forKey: other)
        }
        guard let purpose, payloadTypes[purpose] == nil else { return }
        payloadTypes[purpose] = payloadType
    }

    private func isUsed(_ number: UInt8) -> Bool { usedTypes >> number & 1 == 1 }
}

extension NumberPlan.Purpose {
    /// What browsers, and servers before this one, use.
    fileprivate var usualType: UInt8 {
        switch self {
        case .codec(.opus): 111
        case .codec(.red): 63
        case .codec(.vp8): 96
        case .codec(.av1): 45
        case .codec(.vp9): 98
        case .codec(.h264): 102
        case .repair(.vp8): 97
        case .repair(.av1): 46
        case .repair(.vp9): 99
        case .repair(.h264): 103
        // Sound is not repaired; red is there for it.
        case .repair(.opus), .repair(.red): 127
        }
    }
}
