import Basics
import CSRTP
import Media
import Testing

/// What reading and writing cost in memory.
@Suite struct `The wire` {
    @Test func `keeps no memory of a packet, nor of a report`() {
        var wire = MeasuredWire()
        wire.pass(20)
        // Other tests take and return memory meanwhile: one quiet moment proves that packets do not.
        for _ in 0..<20_000 {
            let before = mallinfo2().uordblks
            wire.pass(1)
            if mallinfo2().uordblks == before { return }
        }
        Issue.record("each packet took memory")
    }

    @Test func `keeps some 700 bytes for a stream of AV1, and for others none`() {
        #expect(MemoryLayout<AV1TemplateStructure>.size <= 700)
        #expect(MemoryLayout<RTPHeader>.size <= 48)
        #expect(MemoryLayout<RTPExtensions>.size <= 24)
        #expect(MemoryLayout<RTPHeaderWriter>.size <= 32)
        #expect(MemoryLayout<FrameMarks>.size <= 24)
    }
}

/// A packet of each codec, read, written again and reported.
@safe private struct MeasuredWire: ~Copyable {
    private let packet = UnsafeMutableRawPointer.allocate(byteCount: 1_500, alignment: 16)
    private let structure = UnsafeMutablePointer<AV1TemplateStructure>.allocate(capacity: 1)
    private let report = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 1_200)
    private let ids = ExtensionIDs(audioLevel: 1, transportCC: 3, dependencyDescriptor: 5)
    private let descriptor = StructureModel.threeTemporal.descriptor(template: 0, starts: true)
    private let payloads: [(codec: Codec, bytes: [UInt8])] = [
        (.opus, [0x78, 1, 2, 3]),
        (.vp8, [0x90, 0xE0, 0x85, 0x02, 0x07, 0x40, 0xD0, 0x33, 0, 0x9D, 1, 0x2A, 128, 2, 104, 1]),
        (.vp9, [0x8C, 1, 0x82, 0x49, 0x83, 0x42, 0x00, 0x27, 0xF0, 0x16, 0x76, 0x00]),
        (.h264, `An H264 payload`.parameters[1].unit),
        (
            .av1,
            [0x28, 12, 8, 0, 0, 0, 0x0C, 0xC4, 0xFF, 0x67, 0x12, 0xBE, 0x40, 0x10, 0x30, 0x10, 0]
        ),
    ]
    private var number: UInt16 = 0
    private(set) var sum = 0

    init() {
        unsafe structure.initialize(to: AV1TemplateStructure())
        unsafe report.initialize(repeating: 0)
        unsafe packet.initializeMemory(as: UInt8.self, repeating: 0, count: 1_500)
    }

    deinit {
        unsafe packet.deallocate()
        unsafe structure.deallocate()
        unsafe report.deallocate()
    }

    mutating func pass(_ count: Int) {
        let writer = RTPHeaderWriter(ids)
        for _ in 0..<count {
            number &+= 1
            for place in payloads.indices { pass(writer, place) }
            tell()
        }
    }

    private mutating func pass(_ writer: RTPHeaderWriter, _ place: Int) {
        let head = RTPHeaderWriter.Head(
            ssrc: SSRC(1),
            payloadType: PayloadType(96),
            sequence: SequenceNumber(number),
            timestamp: 7
        )
        let codec = payloads[place].codec
        let payload = payloads[place].bytes
        let written = unsafe descriptor.withUnsafeBytes { bytes in
            unsafe writer.write(
                head,
                audioLevel: AudioLevel(byte: 5),
                descriptor: codec == .av1 ? bytes : .init(start: nil, count: 0),
                into: packet,
                capacity: 1_500
            )
        }
        guard let start = written?.count else { return }
        for index in payload.indices {
            unsafe packet.storeBytes(
                of: payload[index],
                toByteOffset: start + index,
                as: UInt8.self
            )
        }
        let size = start + payload.count
        guard let header = unsafe RTPHeader(packet, count: size),
            let found = unsafe RTPExtensions(packet, header, ids),
            let rest = unsafe header.payloadCount(of: packet, count: size)
        else { return }
        let place = found.dependencyDescriptor
        let marks = unsafe FrameMarks(
            codec,
            packet + header.headerCount,
            count: rest,
            .init(marker: header.marker, continuesTimestamp: false),
            descriptor: .init(start: packet + Int(place.offset), count: Int(place.count)),
            structure: structure
        )
        sum &+= marks?.isKeyFrame == true ? 1 : 0
    }

    private mutating func tell() {
        let numbers: InlineArray<3, UInt16> = [number, number &+ 3, number &+ 40]
        let head = RTCPArrivalsHead(
            sender: SSRC(1),
            media: SSRC(2),
            base: number,
            referenceTime: 1,
            feedbackCount: 1
        )
        var writer = unsafe RTCPWriter(into: report.mutableSpan)
        let taken = writer.appendNack(SSRC(1), SSRC(2), missing: numbers.span)
        let told = writer.appendArrivals(head, count: 40) { $0 % 9 == 4 ? nil : $0 * 60 }
        sum &+= taken &+ told
        let count = writer.count
        guard var reader = unsafe RTCPReader(report.span.extracting(0..<count)) else { return }
        while let packet = reader.next() {
            switch packet {
            case .nack(var nack): while let number = nack.next() { sum &+= Int(number.rawValue) }
            case .arrivals(var arrivals): while let one = arrivals.next() { sum &+= one.tick ?? 0 }
            default: break
            }
        }
    }
}
