/// Writes the headers of one stream that we send: what is the same in all of them is kept here.
///
/// The same arguments give the same bytes, so that a packet can be sent again bit by bit: SRTP must
/// never protect two different packets under one number. Extensions lie in the order transport-wide
/// number, audio level, mid, dependency descriptor, in the one-byte form; if one of them is too long
/// for that (more than 16 bytes) or its id is (more than 14), all in the two-byte form
/// (RFC 8285 section 4.1.2).
///
/// On the path of every packet: no allocation.
package struct RTPHeaderWriter: BitwiseCopyable, Sendable {
    /// What differs from packet to packet.
    package struct Head: Hashable, BitwiseCopyable, Sendable {
        package var ssrc: SSRC
        package var timestamp: UInt32
        package var sequence: SequenceNumber
        package var payloadType: PayloadType
        package var marker: Bool
        /// The packet ends in padding, which the caller writes.
        package var hasPadding: Bool

        package init(
            ssrc: SSRC,
            payloadType: PayloadType,
            sequence: SequenceNumber,
            timestamp: UInt32,
            marker: Bool = false,
            hasPadding: Bool = false
        ) {
            self.ssrc = ssrc
            self.timestamp = timestamp
            self.sequence = sequence
            self.payloadType = payloadType
            self.marker = marker
            self.hasPadding = hasPadding
        }
    }

    package struct Written: Hashable, BitwiseCopyable, Sendable {
        /// Where the payload begins.
        package var count: Int
        /// Where the transport-wide number lies, zero until it is patched; nil if there is none.
        package var transportNumberOffset: Int?
    }

    private let ids: ExtensionIDs
    private let midBytes: InlineArray<16, UInt8>
    private let midCount: Int

    /// `mid` is the name of the section in SDP; nil if it is longer than 16 bytes. Our own are short.
    package init?(_ ids: ExtensionIDs, mid: Span<UInt8>) {
        guard mid.count <= 16 else { return nil }
        self.ids = ids
        var bytes = InlineArray<16, UInt8>(repeating: 0)
        for index in mid.indices { bytes[index] = mid[index] }
        midBytes = bytes
        midCount = mid.count
    }

    package init(_ ids: ExtensionIDs) {
        self.ids = ids
        midBytes = InlineArray(repeating: 0)
        midCount = 0
    }

    /// The most that ``write(_:audioLevel:descriptor:hasMID:into:capacity:)`` needs with a descriptor
    /// of so many bytes.
    package static func mostBytes(descriptorCount: Int = 0) -> Int {
        // Header, block's head, number, level, mid, descriptor, padding.
        12 + 4 + 4 + 3 + 18 + 2 + descriptorCount + 3
    }

    /// Nil if it does not fit into `capacity`, or if the descriptor has more than 255 bytes.
    ///
    /// The transport-wide number is written whenever its id was agreed upon; level and descriptor if
    /// given, `mid` if asked for, and their ids agreed upon.
    package func write(
        _ head: Head,
        audioLevel: AudioLevel? = nil,
        descriptor: UnsafeRawBufferPointer = unsafe UnsafeRawBufferPointer(start: nil, count: 0),
        hasMID: Bool = false,
        into packet: UnsafeMutableRawPointer,
        capacity: Int
    ) -> Written? {
        let numberCount = ids.transportCC == 0 ? 0 : 2
        let levelCount = ids.audioLevel == 0 || audioLevel == nil ? 0 : 1
        let midCount = ids.mid == 0 || !hasMID ? 0 : midCount
        let descriptorCount = ids.dependencyDescriptor == 0 ? 0 : descriptor.count
        guard descriptorCount <= 255 else { return nil }

        let longest = max(
            numberCount == 0 ? 0 : ids.transportCC,
            levelCount == 0 ? 0 : ids.audioLevel,
            midCount == 0 ? 0 : ids.mid,
            descriptorCount == 0 ? 0 : ids.dependencyDescriptor
        )
        let isShort = longest <= 14 && descriptorCount <= 16
        let headSize = isShort ? 1 : 2
        let content =
            (numberCount == 0 ? 0 : headSize &+ numberCount)
            &+ (levelCount == 0 ? 0 : headSize &+ levelCount)
            &+ (midCount == 0 ? 0 : headSize &+ midCount)
            &+ (descriptorCount == 0 ? 0 : headSize &+ descriptorCount)
        let size = content == 0 ? 12 : 16 &+ content.roundedUpToFour
        guard size <= capacity else { return nil }

        var first: UInt16 = 0x8000 | UInt16(head.payloadType.rawValue)
        if head.hasPadding { first |= 0x2000 }
        if content > 0 { first |= 0x1000 }
        if head.marker { first |= 0x80 }
        unsafe packet.store(bigEndian: first, at: 0)
        unsafe packet.store(bigEndian: head.sequence.rawValue, at: 2)
        unsafe packet.store(bigEndian: head.timestamp, at: 4)
        unsafe packet.store(bigEndian: head.ssrc.rawValue, at: 8)
        guard content > 0 else { return Written(count: 12, transportNumberOffset: nil) }

        let profile = isShort ? RTPExtensions.shortProfile : RTPExtensions.longProfile
        unsafe packet.store(bigEndian: profile, at: 12)
        unsafe packet.store(
            bigEndian: UInt16(truncatingIfNeeded: (size &- 16) >> 2),
            at: 14
        )
        var offset = 16
        var numberOffset: Int?
        if numberCount > 0 {
            unsafe begin(ids.transportCC, numberCount, isShort, packet, &offset)
            unsafe packet.store(bigEndian: UInt16(0), at: offset)
            numberOffset = offset
            offset &+= numberCount
        }
        if levelCount > 0, let audioLevel {
            unsafe begin(ids.audioLevel, levelCount, isShort, packet, &offset)
            unsafe packet.store(bigEndian: audioLevel.byte, at: offset)
            offset &+= levelCount
        }
        if midCount > 0 {
            unsafe begin(ids.mid, midCount, isShort, packet, &offset)
            for index in 0..<midCount {
                unsafe packet.store(bigEndian: midBytes[index], at: offset &+ index)
            }
            offset &+= midCount
        }
        if descriptorCount > 0, let source = descriptor.baseAddress {
            unsafe begin(ids.dependencyDescriptor, descriptorCount, isShort, packet, &offset)
            unsafe (packet + offset).copyMemory(from: source, byteCount: descriptorCount)
            offset &+= descriptorCount
        }
        while offset < size {
            unsafe packet.store(bigEndian: UInt8(0), at: offset)
            offset &+= 1
        }
        return Written(count: size, transportNumberOffset: numberOffset)
    }

    /// Puts the number of this sending where ``Written/transportNumberOffset`` says.
    package static func setTransportNumber(
        _ number: UInt16,
        at offset: Int,
        in packet: UnsafeMutableRawPointer
    ) {
        unsafe packet.store(bigEndian: number, at: offset)
    }

    private func begin(
        _ id: UInt8,
        _ count: Int,
        _ isShort: Bool,
        _ packet: UnsafeMutableRawPointer,
        _ offset: inout Int
    ) {
        let size = UInt8(truncatingIfNeeded: count)
        if isShort {
            unsafe packet.store(bigEndian: id << 4 | (size &- 1), at: offset)
            offset &+= 1
        } else {
            unsafe packet.store(bigEndian: id, at: offset)
            unsafe packet.store(bigEndian: size, at: offset &+ 1)
            offset &+= 2
        }
    }
}
