import Basics
import Media
import Testing

@Suite struct `A packet history` {
    @Test func `finds a packet by its number`() {
        var history = PacketHistory(.video)
        #expect(history.keep(70_000, filled: 7, count: 1_200) == .stored)
        #expect(history.contents(70_000) == [UInt8](repeating: 7, count: 1_200))
        #expect(history.record(70_000 - 65_536) == nil)
        #expect(history.record(70_001) == nil)
    }

    @Test func `keeps as many as it has places for`() {
        var history = PacketHistory(.video, videoPlaces: 32)
        for number in UInt64(100)..<140 { #expect(history.keep(number, filled: 1) == .stored) }
        #expect(history.record(107) == nil)
        #expect(history.record(108) != nil)
        #expect(history.newest == 139)
    }

    @Test func `gives a late packet its own place, and none to one too late`() {
        var history = PacketHistory(.video, videoPlaces: 32)
        #expect(history.keep(100, filled: 1) == .stored)
        #expect(history.keep(131, filled: 2) == .stored)
        #expect(history.keep(101, filled: 3) == .stored)
        #expect(history.contents(100) == [1])
        #expect(history.keep(99, filled: 4) == .tooOld)
        #expect(history.admits(99) == false)
    }

    @Test func `refuses a packet it has`() {
        var history = PacketHistory(.audio)
        #expect(history.keep(9, filled: 1) == .stored)
        #expect(history.admits(9) == false)
        #expect(history.keep(9, filled: 2) == .duplicate)
        #expect(history.contents(9) == [1])
    }

    @Test func `loses nothing to bytes that nobody vouches for`() {
        var history = PacketHistory(.audio)
        for number in UInt64(0)..<32 { _ = history.keep(number, filled: UInt8(number)) }
        for _ in 0..<100 { unsafe history.reserve(512)?.fill(0xFF, 512) }
        for number in UInt64(0)..<32 { #expect(history.contents(number) == [UInt8(number)]) }
    }

    @Test func `has no room for a packet longer than an Ethernet frame`() {
        var history = PacketHistory(.video)
        for (count, fits) in [
            (PacketHistory.longest, true), (PacketHistory.longest + 1, false), (-1, false),
        ] {
            let room = unsafe history.reserve(count)
            #expect(unsafe (room != nil) == fits, "\(count) bytes")
        }
    }

    @Test func `takes no memory before the first packet and after the last`() {
        var history = PacketHistory(.video)
        #expect(history.allocated == 0)
        #expect(history.record(0) == nil && history.newest == nil && history.first(from: 0) == nil)
        _ = history.keep(5, filled: 1)
        #expect(history.allocated == 512 * 48 + 513 * 1_536)
        history.release()
        #expect(history.allocated == 0)
        #expect(history.record(5) == nil && history.newest == nil)
        #expect(history.keep(3, filled: 2) == .stored)
    }

    @Test func `of sound takes 10 KB, and less than 20 with longer packets`() {
        var history = PacketHistory(.audio)
        _ = history.keep(0, filled: 1, count: 256)
        #expect(history.allocated == 9_984)
        _ = history.keep(1, filled: 2, count: 257)
        #expect(history.contents(0) == [UInt8](repeating: 1, count: 256))
        _ = history.keep(2, filled: 3, count: 512)
        #expect(history.allocated == 18_432)
        #expect(MemoryLayout<PacketRecord>.stride == 48)
    }

    @Test func `of sound grows once for a long packet, and keeps what it has`() {
        var history = PacketHistory(.audio)
        for number in UInt64(0)..<31 { _ = history.keep(number, filled: UInt8(number), count: 300) }
        #expect(history.keep(31, filled: 99, count: 1_300) == .stored)
        #expect(history.allocated == 32 * 48 + 33 * 1_536)
        for number in UInt64(0)..<31 {
            #expect(history.contents(number) == [UInt8](repeating: UInt8(number), count: 300))
        }
        #expect(history.contents(31) == [UInt8](repeating: 99, count: 1_300))
    }

    @Test func `shows a new viewer everything since the latest key frame`() {
        var history = PacketHistory(.video, videoPlaces: 64)
        #expect(history.sinceKeyFrame(limit: 64) == nil)
        for number in UInt64(10)..<20 {
            _ = history.keep(number, filled: 1, isKey: number == 12 || number == 15)
        }
        #expect(history.sinceKeyFrame(limit: 64) == 15...19)
        #expect(history.sinceKeyFrame(limit: 5) == 15...19)
        #expect(history.sinceKeyFrame(limit: 4) == nil)
    }

    @Test func `shows no picture that has a hole`() {
        var history = PacketHistory(.video, videoPlaces: 64)
        for number in UInt64(10)..<20 where number != 17 {
            _ = history.keep(number, filled: 1, isKey: number == 15)
        }
        #expect(history.sinceKeyFrame(limit: 64) == nil)
        _ = history.keep(17, filled: 1)
        #expect(history.sinceKeyFrame(limit: 64) == 15...19)
    }

    @Test func `forgets a key frame that was overwritten`() {
        var history = PacketHistory(.video, videoPlaces: 32)
        for number in UInt64(0)..<33 { _ = history.keep(number, filled: 1, isKey: number == 0) }
        #expect(history.sinceKeyFrame(limit: 32) == nil)
    }

    @Test func `is not led back by the start of an older key frame that is late`() {
        var history = PacketHistory(.video, videoPlaces: 32)
        for number in [10, 12, 13, 11] as [UInt64] {
            _ = history.keep(number, filled: 1, isKey: number == 11 || number == 12)
        }
        #expect(history.sinceKeyFrame(limit: 32) == 12...13)
    }

    @Test func `knows the whole number by its low half`() {
        var history = PacketHistory(.video)
        _ = history.keep(0x1_0000_0005, filled: 1)
        #expect(history.extended(SequenceNumber(0xFFFE)) == 0xFFFF_FFFE)
        #expect(history.extended(low: 0xFFFF_FFFE) == 0xFFFF_FFFE)
        #expect(history.extended(low: 7) == 0x1_0000_0007)
    }

    /// The same packets to a history and to a dictionary that forgets nothing.
    @Test(arguments: UInt64(0)..<200)
    func `agrees with a dictionary`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let kind = random.happens(50) ? MediaKind.audio : .video
        var history = PacketHistory(kind, videoPlaces: 32)
        var all: [UInt64: Kept] = [:]
        var newest = UInt64.random(in: 0..<70_000, using: &random)
        for step in 0..<300 {
            let leap = random.happens(2) ? UInt64.random(in: 0...100, using: &random) : 1
            let back = random.happens(20) ? UInt64.random(in: 0...40, using: &random) : 0
            let number = step == 0 ? newest : newest + leap >= back ? newest + leap - back : 0
            let packet = Kept(
                byte: UInt8(truncatingIfNeeded: step),
                count: .random(in: 1...(random.happens(1) ? 1_536 : 512), using: &random)
            )
            let isTooOld = step > 0 && number + 32 <= newest
            let expected: PacketHistory.Verdict =
                isTooOld ? .tooOld : all[number] == nil ? .stored : .duplicate
            let isAdmitted = history.admits(number)
            let verdict = history.keep(number, ends: packet)
            guard isAdmitted == (expected == .stored), verdict == expected else {
                Issue.record("seed \(seed) step \(step): \(verdict) instead of \(expected)")
                return
            }
            newest = max(newest, number)
            if expected == .stored { all[number] = packet }
        }
        for number in newest - min(70, newest)...newest + 1 {
            let expected = number + 32 > newest ? all[number] : nil
            let next = (number...newest + 1).first { $0 + 32 > newest && all[$0] != nil }
            guard history.ends(number) == expected, history.first(from: number) == next else {
                Issue.record("seed \(seed): packet \(number)")
                return
            }
        }
    }
}

struct Kept: Equatable {
    var byte: UInt8
    var count: Int
}

extension PacketHistory {
    mutating func keep(
        _ sequence: UInt64,
        filled byte: UInt8,
        count: Int = 1,
        isKey: Bool = false
    ) -> Verdict {
        guard let room = unsafe reserve(count) else { return .tooOld }
        unsafe room.fill(byte, count)
        var record = PacketRecord(
            sequence: sequence,
            timestamp: UInt32(truncatingIfNeeded: sequence &* 3_000),
            payloadType: PayloadType(96),
            count: count,
            arrival: .milliseconds(Int(sequence))
        )
        if isKey { record.marks = [.keyFrame, .startsFrame] }
        return commit(record)
    }

    /// Writes the first and the last byte only, which is quicker.
    mutating func keep(_ sequence: UInt64, ends packet: Kept) -> Verdict {
        guard let room = unsafe reserve(packet.count) else { return .tooOld }
        unsafe room.storeBytes(of: packet.byte, as: UInt8.self)
        unsafe room.storeBytes(of: packet.byte, toByteOffset: packet.count - 1, as: UInt8.self)
        return commit(
            PacketRecord(
                sequence: sequence,
                timestamp: 0,
                payloadType: PayloadType(96),
                count: packet.count,
                arrival: .milliseconds(0)
            )
        )
    }

    /// The packet by its count, if its first and last byte are the same.
    func ends(_ sequence: UInt64) -> Kept? {
        guard let record = record(sequence) else { return nil }
        let count = Int(record.count)
        let packet = unsafe packet(record)
        let byte = unsafe packet.load(as: UInt8.self)
        guard unsafe packet.load(fromByteOffset: count - 1, as: UInt8.self) == byte else {
            return nil
        }
        return Kept(byte: byte, count: count)
    }

    func contents(_ sequence: UInt64) -> [UInt8]? {
        guard let record = record(sequence) else { return nil }
        return unsafe [UInt8](
            UnsafeRawBufferPointer(start: packet(record), count: Int(record.count))
        )
    }
}

extension UnsafeMutableRawPointer {
    func fill(_ byte: UInt8, _ count: Int) {
        unsafe initializeMemory(as: UInt8.self, repeating: byte, count: count)
    }
}
