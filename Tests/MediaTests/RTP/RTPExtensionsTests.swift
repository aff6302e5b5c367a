import Media
import Testing

@Suite struct `Header extensions` {
    private let ids = ExtensionIDs(
        audioLevel: 1,
        transportCC: 2,
        mid: 3,
        rid: 4,
        repairedRID: 5,
        dependencyDescriptor: 6
    )

    @Test func `of one byte are found, whatever lies between them`() throws {
        let bytes = packet(
            0xBEDE,
            [0x10, 0x85, 0, 0, 0x21, 0x12, 0x34, 0x90, 0xFF, 0x32, 0x61, 0x62, 0x63, 0, 0x40, 0x68]
        )
        let found = try #require(readExtensions(bytes, ids))
        #expect(bytes[found.audioLevel.range] == [0x85])
        #expect(bytes[found.transportCC.range] == [0x12, 0x34])
        #expect(bytes[found.mid.range] == [0x61, 0x62, 0x63])
        #expect(bytes[found.rid.range] == [0x68])
        #expect(!found.repairedRID.isThere && !found.dependencyDescriptor.isThere)
        let values = unsafe bytes.withUnsafeBytes { bytes -> (UInt16?, AudioLevel?)? in
            guard let start = bytes.baseAddress else { return nil }
            return unsafe (found.transportNumber(in: start), found.audioLevel(in: start))
        }
        let (number, level) = try #require(values)
        #expect(number == 0x1234)
        #expect(level?.hasVoice == true && level?.decibelsBelowLoudest == 5)
    }

    @Test func `of two bytes are found, long and empty ones too`() throws {
        let descriptor = [UInt8](repeating: 0x77, count: 40)
        let content: [UInt8] =
            [6, 40] + descriptor + [0, 3, 0, 200, 1, 9, 2, 2, 0xAB, 0xCD, 0, 0, 0]
        for profile in UInt16(0x1000)...0x100F {
            let bytes = packet(profile, content)
            let found = try #require(readExtensions(bytes, ids))
            #expect(Array(bytes[found.dependencyDescriptor.range]) == descriptor)
            #expect(found.mid.isThere && found.mid.count == 0)
            #expect(bytes[found.transportCC.range] == [0xAB, 0xCD])
        }
    }

    @Test func `that were not agreed upon are not found`() throws {
        let bytes = packet(0xBEDE, [0x10, 0x85, 0x21, 0x12, 0x34, 0, 0, 0])
        #expect(readExtensions(bytes, ExtensionIDs()) == readExtensions(packet(0xBEDE, []), ids))
    }

    @Test func `of a form that is somebody else's are nobody's`() throws {
        for profile in [0, 0xBEDD, 0x0FFF, 0x1010, 0xFFFF] as [UInt16] {
            let found = try #require(readExtensions(packet(profile, [0x1F, 1, 2, 3]), ids))
            #expect(!found.audioLevel.isThere, "\(profile)")
        }
    }

    @Test func `count once, the first time`() throws {
        let bytes = packet(0xBEDE, [0x10, 0x01, 0x10, 0x02])
        #expect(bytes[try #require(readExtensions(bytes, ids)).audioLevel.range] == [0x01])
    }

    @Test(arguments: [0xF0, 0xF7, 0x01, 0x0F] as [UInt8])
    func `end where RFC 8285 says that the list ends`(end: UInt8) throws {
        let bytes = packet(0xBEDE, [0x10, 0x01, end, 0x21, 0x12, 0x34, 0, 0])
        let found = try #require(readExtensions(bytes, ids))
        #expect(found.audioLevel.isThere && !found.transportCC.isThere)
    }

    @Test func `that go beyond their list are refused`() {
        #expect(readExtensions(packet(0xBEDE, [0x10, 0x01, 0x21, 0x12]), ids) == nil)
        #expect(readExtensions(packet(0xBEDE, [0x1F, 0, 0, 0]), ids) == nil)
        #expect(readExtensions(packet(0x1000, [1, 3, 0, 0]), ids) == nil)
        #expect(readExtensions(packet(0x1000, [1, 1, 0, 2]), ids) == nil, "a length is missing")
        #expect(readExtensions(packet(0x1000, [1, 255, 0, 0]), ids) == nil)
    }

    @Test func `are at most sixteen`() {
        let sixteen = [UInt8](repeating: 0x90, count: 32)
        #expect(readExtensions(packet(0xBEDE, sixteen), ids) != nil)
        #expect(readExtensions(packet(0xBEDE, sixteen + [0x90, 0, 0, 0]), ids) == nil)
        let padding = [UInt8](repeating: 0, count: 256)
        #expect(readExtensions(packet(0xBEDE, padding), ids) != nil)
    }

    /// `content` is filled up to whole words.
    private func packet(_ profile: UInt16, _ content: [UInt8]) -> [UInt8] {
        let words = (content.count + 3) / 4
        return [0x90, 0x60, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3]
            + [UInt8(profile >> 8), UInt8(profile & 0xFF), 0, UInt8(words)]
            + content + [UInt8](repeating: 0, count: words * 4 - content.count)
    }
}

func readExtensions(_ bytes: [UInt8], _ ids: ExtensionIDs) -> RTPExtensions? {
    guard let header = readHeader(bytes) else { return nil }
    return unsafe bytes.withUnsafeBytes { bytes in
        guard let start = bytes.baseAddress else { return nil }
        return unsafe RTPExtensions(start, header, ids)
    }
}
