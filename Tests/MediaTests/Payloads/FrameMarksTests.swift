import Media
import Testing

@Suite struct `Frame marks` {
    @Test func `of sound say that each packet stands alone`() throws {
        for codec in [Codec.opus, .red] {
            let marks = try #require(read(codec, [0x78, 0x01]))
            #expect(marks.isKeyFrame && marks.startsFrame && marks.endsFrame)
        }
    }

    @Test func `of VP8 come from its descriptor`() throws {
        let key: [UInt8] = [
            0x90, 0xE0, 0x85, 0x02, 0x07, 0x40, 0xD0, 0x33, 0x00, 0x9D, 0x01, 0x2A, 0x80, 0x02,
            0x68,
            0x01,
        ]
        let first = try #require(read(.vp8, key))
        #expect(first.isKeyFrame && first.startsFrame && !first.endsFrame && first.isSwitchUpPoint)
        #expect(first.pictureID == 0x502 && first.hasLongPictureID && first.baseLayerIndex == 7)
        #expect(first.temporalLayer == 1 && first.size == PictureSize(width: 640, height: 360))
        let last = try #require(read(.vp8, [0x80, 0x20, 0xA0, 0xD1], marker: true))
        #expect(!last.isKeyFrame && !last.startsFrame && last.endsFrame && last.isSwitchUpPoint)
        #expect(last.temporalLayer == 2 && last.pictureID == nil && last.size == nil)
    }

    @Test func `of VP9 come from its descriptor, with the frame's end`() throws {
        let marks = try #require(read(.vp9, [0xAC, 0x05, 0x32, 0x09, 0x86], marker: false))
        #expect(!marks.isKeyFrame && marks.startsFrame && marks.endsFrame)
        #expect(marks.isSwitchUpPoint && marks.temporalLayer == 1 && marks.spatialLayer == 1)
        #expect(marks.pictureID == 5 && !marks.hasLongPictureID && marks.baseLayerIndex == 9)
    }

    @Test func `of H264 know a frame's first packet by its timestamp`() throws {
        let slice: [UInt8] = [0x65, 0x88, 0x80]
        #expect(read(.h264, slice)?.startsFrame == true)
        let after = try #require(read(.h264, slice, continues: true, marker: true))
        #expect(after.isKeyFrame && !after.startsFrame && after.endsFrame)
    }

    @Test func `of AV1 come from the packet if there is no descriptor, or a broken one`() throws {
        let packet: [UInt8] = [
            0x28, 12, 0x08, 0x00, 0x00, 0x00, 0x0C, 0xC4, 0xFF, 0x67, 0x12, 0xBE, 0x40, 0x10, 0x30,
            0x10, 0x00,
        ]
        for descriptor in [[], [0x80], [0x80, 0, 1, 0x80]] as [[UInt8]] {
            let first = try #require(read(.av1, packet, descriptor: descriptor))
            #expect(first.isKeyFrame && first.startsFrame && !first.endsFrame)
            #expect(first.size == PictureSize(width: 640, height: 360))
        }
        let later = try #require(read(.av1, [0x90, 0x30, 0x10], marker: true))
        #expect(!later.isKeyFrame && !later.startsFrame && later.endsFrame)
        #expect(read(.av1, [0x10, 0x30, 0x10], continues: true)?.startsFrame == false)
    }

    @Test func `of AV1 come from the descriptor if there is one`() throws {
        let model = StructureModel.threeTemporal
        let payload: [UInt8] = [0x10, 0x30, 0x10]
        var structure = AV1TemplateStructure()
        let key = model.descriptor(template: 0, starts: true)
        let first = try #require(read(.av1, payload, descriptor: key, structure: &structure))
        #expect(first.isKeyFrame && first.startsFrame && !first.endsFrame && first.isSwitchUpPoint)
        #expect(first.size == PictureSize(width: 640, height: 360))

        let layer: [UInt8] = [0xC0 | (5 + 2), 0, 2]
        let next = try #require(read(.av1, payload, descriptor: layer, structure: &structure))
        #expect(!next.isKeyFrame && next.startsFrame && next.endsFrame && next.isSwitchUpPoint)
        #expect(next.temporalLayer == 1 && next.size == nil)

        let middle = model.descriptor(template: 0, starts: false)
        let rest = try #require(read(.av1, payload, descriptor: middle, structure: &structure))
        #expect(!rest.isKeyFrame, "only the first packet of a key frame says so")
        let again = model.descriptor(template: 1, starts: true)
        let told = try #require(read(.av1, payload, descriptor: again, structure: &structure))
        #expect(!told.isKeyFrame, "a structure told again begins nothing")
    }

    @Test func `of nothing, or of what is not the codec's, are none`() {
        for codec in Codec.allCases { #expect(read(codec, []) == nil) }
        #expect(read(.vp8, [0x90]) == nil)
        #expect(read(.vp9, [0x80]) == nil)
        #expect(read(.h264, [0x78, 0, 9, 0x67]) == nil)
        #expect(read(.av1, [0x00, 9, 0x30]) == nil)
    }

    private func read(
        _ codec: Codec,
        _ payload: [UInt8],
        continues: Bool = false,
        marker: Bool = false,
        descriptor: [UInt8] = []
    ) -> FrameMarks? {
        var structure = AV1TemplateStructure()
        return read(
            codec,
            payload,
            continues: continues,
            marker: marker,
            descriptor: descriptor,
            structure: &structure
        )
    }

    private func read(
        _ codec: Codec,
        _ payload: [UInt8],
        continues: Bool = false,
        marker: Bool = false,
        descriptor: [UInt8],
        structure: inout AV1TemplateStructure
    ) -> FrameMarks? {
        unsafe payload.withUnsafeBytes { payload in
            unsafe descriptor.withUnsafeBytes { descriptor in
                unsafe withUnsafeMutablePointer(to: &structure) { structure in
                    guard let start = payload.baseAddress else { return nil }
                    return unsafe FrameMarks(
                        codec,
                        start,
                        count: payload.count,
                        .init(marker: marker, continuesTimestamp: continues),
                        descriptor: descriptor,
                        structure: structure
                    )
                }
            }
        }
    }
}
