import Media
import Testing

@Suite struct `A VP9 descriptor` {
    /// A key frame of 640x360, and one of 320x180 in profile 1, as libvpx writes them.
    private let key: [UInt8] = [0x82, 0x49, 0x83, 0x42, 0x00, 0x27, 0xF0, 0x16, 0x76, 0x00]
    private let keyOfProfile1: [UInt8] = [
        0xA2, 0x49, 0x83, 0x42, 0x00, 0x02, 0x7E, 0x01, 0x66, 0xC0, 0x07,
    ]

    @Test func `of a browser is read: not flexible, with layers`() throws {
        let bytes: [UInt8] = [0xAC, 0x81, 0x02, 0x55, 0x09] + key
        let descriptor = try #require(vp9(bytes))
        #expect(descriptor.count == 5)
        #expect(descriptor.pictureID == 258 && descriptor.hasLongPictureID)
        #expect(descriptor.startsFrame && descriptor.endsFrame && !descriptor.isPredicted)
        #expect(descriptor.temporalLayer == 2 && descriptor.isSwitchUpPoint)
        #expect(descriptor.spatialLayer == 2 && descriptor.dependsOnLowerLayer)
        #expect(descriptor.baseLayerIndex == 9)
        #expect(!descriptor.startsKeyFrame, "an upper layer does not begin a picture")
    }

    @Test func `finds the size in VP9's own header`() throws {
        for (head, payload, size) in [
            ([0x8C, 0x01], key, PictureSize(width: 640, height: 360)),
            ([0x08], keyOfProfile1, PictureSize(width: 320, height: 180)),
        ] as [([UInt8], [UInt8], PictureSize)] {
            let bytes = head + payload
            let descriptor = try #require(vp9(bytes))
            #expect(descriptor.startsKeyFrame)
            #expect(descriptor.size(bytes.span) == size)
            for count in head.count + 1..<head.count + 9 {
                #expect(descriptor.size(bytes.span.extracting(0..<count)) == nil)
            }
        }
        // A frame that needs others, as libvpx writes it, though the descriptor says otherwise.
        let delta: [UInt8] = [
            0x08, 0x86, 0x00, 0x40, 0x92, 0x9C, 0x00, 0x50, 0x01, 0x00, 0x02, 0x00,
        ]
        let descriptor = try #require(vp9(delta))
        #expect(descriptor.size(delta.span) == nil)
    }

    @Test func `finds the size of the uppermost layer in the structure`() throws {
        let structure: [UInt8] = [
            0x38, 0x01, 0x40, 0x00, 0xB4, 0x02, 0x80, 0x01, 0x68,
            0x02, 0x04, 0x01, 0x4C, 0x01, 0x02, 0x03,
        ]
        // Two pictures in the group, with one and three references; two layers of two sizes.
        let bytes: [UInt8] = [0x8A, 0x05] + structure.prefix(1) + structure[1...8]
        let whole = bytes + [0x02, 0x04, 0x01, 0x4C, 0x01, 0x02, 0x03] + [0xFF]
        let descriptor = try #require(vp9(whole))
        #expect(descriptor.count == whole.count - 1)
        #expect(descriptor.spatialLayerCount == 2)
        #expect(descriptor.size == PictureSize(width: 640, height: 360))
        for count in 0..<whole.count {
            #expect(vp9(Array(whole.prefix(count))) == nil, "\(count) bytes")
        }
    }

    @Test func `of the flexible mode names at most three references`() throws {
        for references in 1...3 {
            let list = (1..<references).map { UInt8($0 << 1 | 1) } + [0x08]
            let bytes: [UInt8] = [0xD0, 0x05] + list + [0xFF]
            let descriptor = try #require(vp9(bytes))
            #expect(descriptor.isFlexible && descriptor.isPredicted)
            #expect(descriptor.count == 2 + references && descriptor.baseLayerIndex == nil)
            for count in 0..<bytes.count {
                #expect(vp9(Array(bytes.prefix(count))) == nil)
            }
        }
        let four: [UInt8] = [0xD0, 0x05, 0x03, 0x05, 0x07, 0x08, 0xFF]
        #expect(vp9(four) == nil)
    }

    @Test func `finds no key frame in the middle of one, or where others are needed`() throws {
        for (first, isKey) in [(0x08, true), (0x00, false), (0x04, false), (0x48, false)]
            as [(UInt8, Bool)]
        {
            let bytes = [first] + key
            #expect(vp9(bytes)?.startsKeyFrame == isKey)
        }
    }

    @Test func `says no more of a structure than it has`() throws {
        // Eight layers without sizes, no group.
        let bytes: [UInt8] = [0x02, 0xE0, 0xFF]
        let descriptor = try #require(vp9(bytes))
        #expect(descriptor.spatialLayerCount == 8 && descriptor.size == nil)
        // A group of 255 pictures with three references each, of which some are missing.
        let long: [UInt8] = [0x02, 0x08, 255] + [UInt8](repeating: 0x0C, count: 1_000)
        #expect(vp9(long) == nil)
        let enough = long + [UInt8](repeating: 0x0C, count: 21)
        #expect(vp9(enough)?.count == 3 + 4 * 255)
    }

    private func vp9(_ bytes: [UInt8]) -> VP9Descriptor? {
        VP9Descriptor(bytes.span)
    }
}
