/// What forwarding must know of a packet's place in its stream, whatever the codec: where frames begin
/// and end, which of them need no other, and to which layer they belong.
///
/// Read once a packet, when it comes in; no allocation.
package struct FrameMarks: Hashable, BitwiseCopyable, Sendable {
    /// A frame that needs no other begins here, so decoding can. Only the first packet of such a frame
    /// says so; in H264 that with the parameters and those in which its slices begin.
    package var isKeyFrame = false
    /// A frame begins, or ends, here. Where there are spatial layers (VP9, AV1 with a descriptor) a
    /// frame is one layer of a picture, and the marker bit says where the picture ends.
    package var startsFrame = false
    package var endsFrame = false
    /// Who watches lower temporal layers may begin with this one here.
    package var isSwitchUpPoint = false
    package var temporalLayer: UInt8 = 0
    package var spatialLayer: UInt8 = 0
    /// TL0PICIDX of VP8 and VP9, if sent.
    package var baseLayerIndex: UInt8?
    /// Of VP8 and VP9, if sent: seven bits, or fifteen.
    package var pictureID: UInt16?
    package var hasLongPictureID = false
    /// How large the pictures are from here on, if this packet says so.
    package var size: PictureSize?

    /// What is known besides the payload.
    package struct Context: BitwiseCopyable, Sendable {
        /// The packet's marker bit.
        package var marker: Bool
        /// The packet with the number before this one has the same timestamp, as far as is known. H264,
        /// and AV1 without descriptors, don't say where frames begin.
        package var continuesTimestamp: Bool

        package init(marker: Bool, continuesTimestamp: Bool) {
            self.marker = marker
            self.continuesTimestamp = continuesTimestamp
        }
    }

    /// Nil if the payload, which has `count` bytes without padding, is not what the codec's packets
    /// are, or empty.
    ///
    /// `descriptor` is the AV1 dependency descriptor, empty if there is none; `structure` what is kept
    /// between those of one stream, and may be nil for other codecs. A broken descriptor is as good as
    /// none.
    package init?(
        _ codec: Codec,
        _ payload: UnsafeRawPointer,
        count: Int,
        _ context: Context,
        descriptor: UnsafeRawBufferPointer = unsafe UnsafeRawBufferPointer(start: nil, count: 0),
        structure: UnsafeMutablePointer<AV1TemplateStructure>? = nil
    ) {
        guard count > 0 else { return nil }
        let bytes = unsafe Span(
            _unsafeStart: payload.assumingMemoryBound(to: UInt8.self),
            count: count
        )
        switch codec {
        case .opus, .red:
            isKeyFrame = true
            startsFrame = true
            endsFrame = true
        case .vp8:
            guard let descriptor = VP8Descriptor(bytes) else { return nil }
            note(descriptor, bytes, context)
        case .vp9:
            guard let descriptor = VP9Descriptor(bytes) else { return nil }
            note(descriptor, bytes)
        case .h264:
            guard let payload = H264Payload(bytes) else { return nil }
            isKeyFrame = payload.isKeyFrame
            startsFrame = payload.mayStartFrame && !context.continuesTimestamp
            endsFrame = context.marker
            isSwitchUpPoint = isKeyFrame
            size = payload.size
        case .av1:
            guard let aggregation = AV1Aggregation(bytes) else { return nil }
            if descriptor.count > 0, let structure = unsafe structure,
                let read = unsafe Self.read(descriptor, &structure.pointee)
            {
                unsafe note(
                    read,
                    aggregation,
                    read.hasStructure
                        ? structure.pointee.size(ofLayer: structure.pointee.highestLayer) : nil
                )
            } else {
                note(aggregation, context)
            }
        }
    }

    private mutating func note(
        _ descriptor: VP8Descriptor,
        _ bytes: Span<UInt8>,
        _ context: Context
    ) {
        isKeyFrame = descriptor.startsKeyFrame(bytes)
        startsFrame = descriptor.startsFrame
        endsFrame = context.marker
        isSwitchUpPoint = isKeyFrame || descriptor.isLayerSync
        temporalLayer = descriptor.temporalLayer ?? 0
        baseLayerIndex = descriptor.baseLayerIndex
        pictureID = descriptor.pictureID
        hasLongPictureID = descriptor.hasLongPictureID
        if isKeyFrame { size = descriptor.size(bytes) }
    }

    private mutating func note(_ descriptor: VP9Descriptor, _ bytes: Span<UInt8>) {
        isKeyFrame = descriptor.startsKeyFrame
        startsFrame = descriptor.startsFrame
        endsFrame = descriptor.endsFrame
        isSwitchUpPoint = isKeyFrame || descriptor.isSwitchUpPoint
        temporalLayer = descriptor.temporalLayer
        spatialLayer = descriptor.spatialLayer
        baseLayerIndex = descriptor.baseLayerIndex
        pictureID = descriptor.pictureID
        hasLongPictureID = descriptor.hasLongPictureID
        size = isKeyFrame ? descriptor.size(bytes) : descriptor.size
    }

    private mutating func note(_ aggregation: AV1Aggregation, _ context: Context) {
        isKeyFrame = aggregation.startsKeyFrame
        startsFrame = !aggregation.continuesElement && !context.continuesTimestamp
        endsFrame = context.marker
        isSwitchUpPoint = isKeyFrame
        temporalLayer = aggregation.temporalLayer
        spatialLayer = aggregation.spatialLayer
        size = aggregation.size
    }

    private mutating func note(
        _ descriptor: AV1DependencyDescriptor,
        _ aggregation: AV1Aggregation,
        _ size: PictureSize?
    ) {
        startsFrame = descriptor.startsFrame
        endsFrame = descriptor.endsFrame
        guard let frame = descriptor.frame else {
            isKeyFrame = aggregation.startsKeyFrame
            isSwitchUpPoint = isKeyFrame
            temporalLayer = aggregation.temporalLayer
            spatialLayer = aggregation.spatialLayer
            self.size = aggregation.size
            return
        }
        isKeyFrame =
            descriptor.hasStructure && startsFrame && frame.isIndependent && frame.spatialLayer == 0
        isSwitchUpPoint = isKeyFrame || frame.isSwitchUpPoint
        temporalLayer = frame.temporalLayer
        spatialLayer = frame.spatialLayer
        self.size = size ?? aggregation.size
    }

    private static func read(
        _ descriptor: UnsafeRawBufferPointer,
        _ structure: inout AV1TemplateStructure
    ) -> AV1DependencyDescriptor? {
        guard let start = descriptor.baseAddress else { return nil }
        let bytes = unsafe Span(
            _unsafeStart: start.assumingMemoryBound(to: UInt8.self),
            count: descriptor.count
        )
        return AV1DependencyDescriptor(bytes, &structure)
    }
}
