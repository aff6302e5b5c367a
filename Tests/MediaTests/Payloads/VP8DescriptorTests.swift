import Basics
import Media
import Testing

@Suite struct `A VP8 descriptor` {
    /// All there can be, before a key frame of 640x360 as libvpx writes it.
    private let long: [UInt8] = [
        0x90, 0xF0, 0xFF, 0xFE, 0x7F, 0xA5, 0xD0, 0x33, 0x00, 0x9D, 0x01, 0x2A, 0x80, 0x02, 0x68,
        0x01,
    ]

    @Test func `is read with all its fields`() throws {
        let descriptor = try #require(vp8(long))
        #expect(descriptor.count == 6)
        #expect(descriptor.pictureID == 0x7FFE && descriptor.hasLongPictureID)
        #expect(descriptor.baseLayerIndex == 0x7F)
        #expect(descriptor.temporalLayer == 2 && descriptor.isLayerSync)
        #expect(descriptor.keyIndex == 5)
        #expect(descriptor.startsFrame && !descriptor.isNonReference)
        #expect(descriptor.startsKeyFrame(long.span) == true)
        #expect(descriptor.size(long.span) == PictureSize(width: 640, height: 360))
    }

    @Test(
        arguments: [
            ([0x10, 0], 1, nil, nil, nil, nil), ([0x80, 0x00, 0], 2, nil, nil, nil, nil),
            ([0x80, 0x80, 0x7F, 0], 3, 127, nil, nil, nil),
            ([0x80, 0x80, 0x81, 0x02, 0], 4, 258, nil, nil, nil),
            ([0x80, 0x40, 9, 0], 3, nil, 9, nil, nil),
            ([0x80, 0x20, 0x5F, 0], 3, nil, nil, 1, nil),
            ([0x80, 0x10, 0xFF, 0], 3, nil, nil, nil, 31),
            ([0x80, 0xE0, 1, 2, 0x80, 0], 5, 1, 2, 2, nil),
        ] as [([UInt8], Int, UInt16?, UInt8?, UInt8?, UInt8?)]
    )
    func `has only the fields that it says it has`(
        bytes: [UInt8],
        count: Int,
        picture: UInt16?,
        baseLayer: UInt8?,
        layer: UInt8?,
        key: UInt8?
    ) throws {
        let descriptor = try #require(vp8(bytes))
        #expect(descriptor.count == count)
        #expect(descriptor.pictureID == picture && descriptor.baseLayerIndex == baseLayer)
        #expect(descriptor.temporalLayer == layer && descriptor.keyIndex == key)
    }

    @Test func `cut short anywhere, or with nothing behind it, is none`() {
        for count in 0...6 {
            #expect(vp8(Array(long.prefix(count))) == nil, "\(count) bytes")
        }
        for count in 7...long.count {
            let part = long.span.extracting(0..<count)
            let descriptor = vp8(Array(long.prefix(count)))
            #expect(descriptor?.count == 6, "\(count) bytes")
            #expect((descriptor?.size(part) == nil) == (count < 16), "\(count) bytes")
        }
    }

    @Test func `finds key frames where they begin, and nowhere else`() throws {
        for (first, isKey) in [(0x10, true), (0x00, false), (0x11, false), (0x30, true)]
            as [(UInt8, Bool)]
        {
            let key: [UInt8] = [first, 0xD0]
            let delta: [UInt8] = [first, 0xD1]
            #expect(vp8(key)?.startsKeyFrame(key.span) == isKey)
            #expect(vp8(delta)?.startsKeyFrame(delta.span) == false)
        }
    }

    @Test func `believes no size without its mark, nor one of nothing`() throws {
        let descriptor = try #require(vp8(long))
        for place in 9...11 {
            var other = long
            other[place] ^= 1
            #expect(descriptor.size(other.span) == nil)
        }
        var empty = long
        empty[12] = 0
        empty[13] = 0xC0
        #expect(descriptor.size(empty.span) == nil, "two bits are scaling, not width")
    }

    /// Every form of descriptor, every way the numbers may have gone.
    @Test(arguments: UInt64(0)..<200)
    func `takes other numbers without moving a byte`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var payload = (0..<12).map { _ in UInt8.random(in: 0...255, using: &random) }
        payload[0] |= 0x80
        let old = try #require(vp8(payload))
        let picture = UInt16.random(in: 0 ... .max, using: &random)
        let baseLayer = UInt8.random(in: 0...255, using: &random)
        let isShift = Bool.random(using: &random)
        var other = payload
        unsafe other.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            if isShift {
                unsafe old.shift(pictureIDBy: picture, baseLayerIndexBy: baseLayer, in: start)
            } else {
                unsafe old.write(pictureID: picture, baseLayerIndex: baseLayer, into: start)
            }
        }
        let new = try #require(vp8(other))
        let mask: UInt16 = old.hasLongPictureID ? 0x7FFF : 0x7F
        let wanted = isShift ? (old.pictureID ?? 0) &+ picture : picture
        #expect(new.pictureID == old.pictureID.map { _ in wanted & mask })
        let wantedBase = isShift ? (old.baseLayerIndex ?? 0) &+ baseLayer : baseLayer
        #expect(new.baseLayerIndex == old.baseLayerIndex.map { _ in wantedBase })
        #expect(new.hasLongPictureID == old.hasLongPictureID && new.count == old.count)
        #expect(new.keyIndex == old.keyIndex && new.temporalLayer == old.temporalLayer)
        #expect(new.isLayerSync == old.isLayerSync && other[0] == payload[0])
        #expect(other[old.count...] == payload[old.count...])
    }

    private func vp8(_ bytes: [UInt8]) -> VP8Descriptor? {
        VP8Descriptor(bytes.span)
    }
}
