import Basics
import Media
import Testing

@Suite struct `An RTP header writer` {
    private let head = RTPHeaderWriter.Head(
        ssrc: SSRC(0x0102_0304),
        payloadType: PayloadType(111),
        sequence: SequenceNumber(0xFFFE),
        timestamp: 0xDEAD_BEEF,
        marker: true
    )

    @Test func `writes bytes that can be foretold`() throws {
        let ids = ExtensionIDs(audioLevel: 1, transportCC: 3, mid: 4)
        let mid = Array("a1".utf8)
        let made = RTPHeaderWriter(ids, mid: mid.span)
        let writer = try #require(made)
        let level = AudioLevel(decibelsBelowLoudest: 30, hasVoice: true)
        let (bytes, written) = try #require(
            write(writer, head, level: level, hasMID: true, capacity: 100)
        )
        #expect(
            bytes == [
                0x90, 0xEF, 0xFF, 0xFE, 0xDE, 0xAD, 0xBE, 0xEF, 1, 2, 3, 4,
                0xBE, 0xDE, 0, 2, 0x31, 0, 0, 0x10, 0x9E, 0x41, 0x61, 0x31,
            ]
        )
        #expect(written.transportNumberOffset == 17)
    }

    @Test func `writes no block where nothing was agreed upon`() throws {
        let level = AudioLevel(decibelsBelowLoudest: 30, hasVoice: true)
        let (bytes, written) = try #require(
            write(RTPHeaderWriter(ExtensionIDs()), head, level: level, hasMID: true, capacity: 12)
        )
        #expect(bytes == [0x80, 0xEF, 0xFF, 0xFE, 0xDE, 0xAD, 0xBE, 0xEF, 1, 2, 3, 4])
        #expect(written.transportNumberOffset == nil)
    }

    @Test func `takes the long form for a long descriptor and for a high id`() throws {
        let ids = ExtensionIDs(transportCC: 3, dependencyDescriptor: 5)
        for (count, profile) in [(16, 0xBEDE), (17, 0x1000), (255, 0x1000)] {
            let descriptor = [UInt8](repeating: 1, count: count)
            let (bytes, _) = try #require(
                write(RTPHeaderWriter(ids), head, descriptor: descriptor, capacity: 400)
            )
            #expect(Int(bytes[12]) << 8 | Int(bytes[13]) == profile, "\(count) bytes")
        }
        let high = RTPHeaderWriter(ExtensionIDs(transportCC: 15))
        let (bytes, written) = try #require(write(high, head, capacity: 100))
        #expect(bytes.suffix(8) == [0x10, 0, 0, 1, 15, 2, 0, 0])
        #expect(written.transportNumberOffset == 18)
    }

    @Test func `refuses what can't be written`() {
        let ids = ExtensionIDs(dependencyDescriptor: 5)
        let descriptor = [UInt8](repeating: 1, count: 256)
        #expect(write(RTPHeaderWriter(ids), head, descriptor: descriptor, capacity: 400) == nil)
        let mid = [UInt8](repeating: 0x61, count: 17)
        let made = RTPHeaderWriter(ids, mid: mid.span)
        #expect(made == nil)
    }

    /// Writes what a seed says and reads it back.
    @Test(arguments: UInt64(0)..<200)
    func `is understood by the reader`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        func id(upTo most: UInt8) -> UInt8 { UInt8.random(in: 0...most, using: &random) }
        let most: UInt8 = Bool.random(using: &random) ? 14 : 255
        // Apart from each other by their low bits.
        let ids = ExtensionIDs(
            audioLevel: id(upTo: most / 4) * 4,
            transportCC: id(upTo: most / 5) * 4 + 1,
            mid: id(upTo: most / 5) * 4 + 2,
            dependencyDescriptor: id(upTo: most / 5) * 4 + 3
        )
        func bytes(upTo most: Int) -> [UInt8] {
            (0..<Int.random(in: 0...most, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
        }
        let mid = bytes(upTo: 16)
        let descriptor = bytes(upTo: Bool.random(using: &random) ? 16 : 200)
        let level = Bool.random(using: &random) ? AudioLevel(byte: id(upTo: 255)) : nil
        let hasMID = Bool.random(using: &random)
        let head = RTPHeaderWriter.Head(
            ssrc: SSRC(UInt32.random(in: 0 ... .max, using: &random)),
            payloadType: PayloadType(id(upTo: 127)),
            sequence: SequenceNumber(UInt16.random(in: 0 ... .max, using: &random)),
            timestamp: UInt32.random(in: 0 ... .max, using: &random),
            marker: Bool.random(using: &random),
            hasPadding: Bool.random(using: &random)
        )
        let made = RTPHeaderWriter(ids, mid: mid.span)
        let writer = try #require(made)
        let capacity = RTPHeaderWriter.mostBytes(descriptorCount: descriptor.count)
        let answer = write(
            writer,
            head,
            level: level,
            descriptor: descriptor,
            hasMID: hasMID,
            capacity: capacity
        )
        let (packet, written) = try #require(answer)

        let read = try #require(readHeader(packet))
        #expect(read.headerCount == packet.count && written.count == packet.count)
        #expect(read.ssrc == head.ssrc && read.timestamp == head.timestamp)
        #expect(read.sequence == head.sequence && read.payloadType == head.payloadType)
        #expect(read.marker == head.marker && read.hasPadding == head.hasPadding)
        let found = try #require(readExtensions(packet, ids))
        let number = try #require(written.transportNumberOffset)
        #expect(found.transportCC.range == number..<number + 2)
        let levelByte = ids.audioLevel == 0 ? nil : level?.byte
        #expect(packet[found.audioLevel.range].first == levelByte)
        #expect(Array(packet[found.mid.range]) == (hasMID ? mid : []))
        #expect(Array(packet[found.dependencyDescriptor.range]) == descriptor)

        let again = write(
            writer,
            head,
            level: level,
            descriptor: descriptor,
            hasMID: hasMID,
            capacity: packet.count
        )
        #expect(again?.bytes == packet, "the same again, in a buffer that just holds it")
        let less = write(
            writer,
            head,
            level: level,
            descriptor: descriptor,
            hasMID: hasMID,
            capacity: packet.count - 1
        )
        #expect(less == nil)
    }

    @Test func `lets the transport-wide number be patched`() throws {
        let ids = ExtensionIDs(transportCC: 3)
        let (packet, written) = try #require(write(RTPHeaderWriter(ids), head, capacity: 100))
        let offset = try #require(written.transportNumberOffset)
        var patched = packet
        unsafe patched.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe RTPHeaderWriter.setTransportNumber(0xABCD, at: offset, in: start)
        }
        let place = try #require(readExtensions(patched, ids)).transportCC.range
        #expect(patched[place] == [0xAB, 0xCD])
        #expect(zip(packet, patched).filter { $0 != $1 }.count == 2)
    }

    /// Nil if the writer refuses, and then nothing may have been written.
    private func write(
        _ writer: RTPHeaderWriter,
        _ head: RTPHeaderWriter.Head,
        level: AudioLevel? = nil,
        descriptor: [UInt8] = [],
        hasMID: Bool = false,
        capacity: Int
    ) -> (bytes: [UInt8], written: RTPHeaderWriter.Written)? {
        var buffer = [UInt8](repeating: 0xAA, count: capacity + 8)
        let written = unsafe buffer.withUnsafeMutableBytes { buffer -> RTPHeaderWriter.Written? in
            unsafe descriptor.withUnsafeBytes { descriptor -> RTPHeaderWriter.Written? in
                guard let start = buffer.baseAddress else { return nil }
                return unsafe writer.write(
                    head,
                    audioLevel: level,
                    descriptor: descriptor,
                    hasMID: hasMID,
                    into: start,
                    capacity: capacity
                )
            }
        }
        let count = written?.count ?? 0
        #expect(buffer[count...].allSatisfy { $0 == 0xAA }, "nothing beyond the end")
        return written.map { (Array(buffer.prefix($0.count)), $0) }
    }
}
