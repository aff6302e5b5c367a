/// What a packet of pictures says of the frame it belongs to, as far as forwarding must know.
package struct FrameMarks: Hashable, Sendable, BitwiseCopyable {
    package var isKeyFrame = false
    package var startsFrame = false
    package var endsFrame = false
    package var temporalLayer: UInt8 = 0
    /// A viewer of lower temporal layers may begin with this one here.
    package var isSwitchUp = false
    package var spatialLayer: UInt8 = 0
    /// Of key frames whose header tells; else 0.
    package var width: UInt16 = 0
    package var height: UInt16 = 0
    package var pictureID: UInt16?
    package var hasLongPictureID = false
    package var baseLayerIndex: UInt8?

    package init() {}

    /// Reads the payload's head; bytes that make no sense give marks that say nothing.
    ///
    /// `isFirst` says that the packet before this one ended a frame, which tells a beginning where the
    /// payload does not.
    @inline(__always)
    package init(
        _ codec: Codec,
        _ payload: UnsafeRawPointer,
        count: Int,
        isMarked: Bool
    ) {
        self.init()
        let bytes = unsafe UnsafeRawBufferPointer(start: payload, count: count)
        switch codec {
        case .vp8: unsafe readVP8(bytes)
        case .vp9: unsafe readVP9(bytes)
        case .h264: unsafe readH264(bytes)
        case .av1: unsafe readAV1(bytes)
        case .opus, .red: break
        }
        endsFrame = isMarked
    }

    // MARK: - VP8 (RFC 7741 section 4)

    private mutating func readVP8(_ bytes: UnsafeRawBufferPointer) {
        guard let descriptor = unsafe VP8Descriptor(bytes) else { return }
        startsFrame = descriptor.startsFrame
        temporalLayer = descriptor.temporalLayer
        isSwitchUp = descriptor.isLayerSync
        pictureID = descriptor.pictureID
        hasLongPictureID = descriptor.hasLongPictureID
        baseLayerIndex = descriptor.baseLayerIndex
        guard startsFrame, descriptor.count < bytes.count else { return }
        // Section 4.3: the first bit of the frame is 0 for key frames, whose size follows a start code.
        let start = descriptor.count
        isKeyFrame = unsafe bytes[start] & 1 == 0
        guard isKeyFrame, start + 10 <= bytes.count else { return }
        guard unsafe bytes[start + 3] == 0x9D, unsafe bytes[start + 4] == 0x01,
            unsafe bytes[start + 5] == 0x2A
        else { return }
        width = unsafe (UInt16(bytes[start + 7]) << 8 | UInt16(bytes[start + 6])) & 0x3FFF
        height = unsafe (UInt16(bytes[start + 9]) << 8 | UInt16(bytes[start + 8])) & 0x3FFF
    }

    // MARK: - VP9 (RFC 9628 section 4.2)

    private mutating func readVP9(_ bytes: UnsafeRawBufferPointer) {
        guard let first = unsafe bytes.first else { return }
        let hasPicture = first & 0x80 != 0
        let isPredicted = first & 0x40 != 0
        let hasLayers = first & 0x20 != 0
        let isFlexible = first & 0x10 != 0
        startsFrame = first & 0x08 != 0
        var offset = 1
        if hasPicture {
            guard offset < bytes.count else { return }
            offset += unsafe bytes[offset] & 0x80 != 0 ? 2 : 1
        }
        var isDependent = false
        if hasLayers {
            guard offset < bytes.count else { return }
            let layers = unsafe bytes[offset]
            temporalLayer = layers >> 5
            isSwitchUp = layers & 0x10 != 0
            spatialLayer = layers >> 1 & 7
            isDependent = layers & 1 != 0
            offset += isFlexible ? 1 : 2
        }
        isKeyFrame = !isPredicted && startsFrame && !isDependent
        // The scalability structure tells the size, if it comes.
        guard first & 0x02 != 0, isKeyFrame, offset < bytes.count else { return }
        let structure = unsafe bytes[offset]
        guard structure & 0x10 != 0 else { return }
        let layers = Int(structure >> 5) + 1
        let last = offset + 1 + 4 * (layers - 1)
        guard last + 4 <= bytes.count else { return }
        width = unsafe UInt16(bytes[last]) << 8 | UInt16(bytes[last + 1])
        height = unsafe UInt16(bytes[last + 2]) << 8 | UInt16(bytes[last + 3])
    }

    // MARK: - H264 (RFC 6184 section 5)

    private mutating func readH264(_ bytes: UnsafeRawBufferPointer) {
        guard let first = unsafe bytes.first else { return }
        switch first & 0x1F {
        case 24:
            // STAP-A: sizes and units; the first that says anything decides.
            var offset = 1
            while offset + 3 <= bytes.count {
                let size = unsafe Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
                guard size > 0, offset + 2 + size <= bytes.count else { return }
                unsafe note(unit: bytes[offset + 2] & 0x1F)
                offset += 2 + size
            }
            startsFrame = true
        case 28:
            guard bytes.count >= 2 else { return }
            let header = unsafe bytes[1]
            startsFrame = header & 0x80 != 0
            if startsFrame { note(unit: header & 0x1F) }
        case let unit:
            startsFrame = true
            note(unit: unit)
        }
    }

    /// A picture that needs no other (5), or the parameters that go before one (7).
    private mutating func note(unit: UInt8) {
        if unit == 5 || unit == 7 { isKeyFrame = true }
    }

    // MARK: - AV1 (RTP payload format for AV1, section 4.4)

    private mutating func readAV1(_ bytes: UnsafeRawBufferPointer) {
        guard let first = unsafe bytes.first else { return }
        // Z: the first element goes on from the packet before. N: a coded video sequence begins.
        startsFrame = first & 0x80 == 0
        isKeyFrame = first & 0x08 != 0 && startsFrame
    }
}
