// What receivers ask of senders (RFC 4585 section 6, RFC 5104 section 4.3).
extension RTCPWriter {
    /// NACK. `missing` is in the order of the numbers; how many of them are in the packet is returned,
    /// which is less than all if the buffer is full.
    package mutating func appendNack(
        _ sender: SSRC,
        _ media: SSRC,
        missing: Span<UInt16>
    ) -> Int {
        let most = (room - 8) / 4
        var (words, taken) = (0, 0)
        while taken < missing.count, words < most {
            taken = Self.nackWord(missing, from: taken).end
            words += 1
        }
        guard taken > 0 else { return 0 }
        let type = RTCPType.transportFeedback
        guard let start = begin(type, RTCPFormat.nack, 8 + 4 * words) else { return 0 }
        put(sender.rawValue, at: start)
        put(media.rawValue, at: start + 4)
        var index = 0
        for word in 0..<words {
            let (followers, end) = Self.nackWord(missing, from: index)
            put(missing[index], at: start + 8 + 4 * word)
            put(followers, at: start + 10 + 4 * word)
            index = end
        }
        return taken
    }

    /// PLI.
    package mutating func appendPictureLoss(_ sender: SSRC, _ media: SSRC) -> Bool {
        let type = RTCPType.payloadFeedback
        guard let start = begin(type, RTCPFormat.pictureLoss, 8) else { return false }
        put(sender.rawValue, at: start)
        put(media.rawValue, at: start + 4)
        return true
    }

    /// FIR for one stream. Each new request has the number that follows its predecessor's.
    package mutating func appendFullIntraRequest(
        _ sender: SSRC,
        _ entry: RTCPFullIntraRequest.Entry
    ) -> Bool {
        let type = RTCPType.payloadFeedback
        guard let start = begin(type, RTCPFormat.fullIntraRequest, 16) else { return false }
        put(sender.rawValue, at: start)
        put(UInt32(0), at: start + 4)
        put(entry.ssrc.rawValue, at: start + 8)
        put(UInt32(entry.number) << 24, at: start + 12)
        return true
    }

    /// REMB for the sum of these streams, of which at most 255 are written. The bitrate is rounded
    /// down to 18 significant bits.
    package mutating func appendReceiverEstimate(
        _ sender: SSRC,
        _ bitrate: Bitrate,
        _ sources: Span<SSRC>
    ) -> Bool {
        let sourceCount = min(sources.count, 255)
        let size = 16 + 4 * sourceCount
        let type = RTCPType.payloadFeedback
        guard let start = begin(type, RTCPFormat.application, size) else { return false }
        put(sender.rawValue, at: start)
        put(UInt32(0), at: start + 4)
        put(RTCPReceiverEstimate.name, at: start + 8)
        let bits = RTCPReceiverEstimate.bits(of: bitrate)
        put(UInt32(sourceCount) << 24 | bits, at: start + 12)
        for index in 0..<sourceCount { put(sources[index].rawValue, at: start + 16 + 4 * index) }
        return true
    }

    /// Which of the sixteen numbers after the one at `start` are missing too, and where in the list
    /// the word ends.
    private static func nackWord(
        _ missing: Span<UInt16>,
        from start: Int
    ) -> (followers: UInt16, end: Int) {
        var followers: UInt16 = 0
        var end = start + 1
        while end < missing.count {
            let step = missing[end] &- missing[start]
            guard step <= 16 else { break }
            // The same number twice is once.
            if step > 0 { followers |= 1 << (step - 1) }
            end += 1
        }
        return (followers, end)
    }
}
