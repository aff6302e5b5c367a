import Basics
import Crypto
import Media
import Testing

@Suite struct `SRTP beside libsrtp` {
    @Test(arguments: SRTPWay.all, [1, 2, 3] as [UInt64])
    func `writes the same packets, and each opens the other's`(way: SRTPWay, seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let master = SRTPMasterKey.made(for: way.profile, using: &random)
        let ssrc = SSRC(UInt32.random(in: 0...UInt32.max, using: &random))
        var sender = try way.sender(master)
        var receiver = try way.receiver(master)
        let theirSender = try #require(
            LibSRTP(way.profile, master, ssrc: ssrc.rawValue)
        )
        let theirReceiver = try #require(
            LibSRTP(way.profile, master, ssrc: ssrc.rawValue)
        )
        // Across a roll-over: the last packets of one count, the first of the next.
        let count = UInt32.random(in: 0...1_000_000, using: &random)
        #expect(theirSender.setRollOver(count) && theirReceiver.setRollOver(count))
        var index = UInt64(count) << 16 | 65_500
        let sizes = [0, 1, 15, 16, 17, 31, 63, 64, 65, 160, 1_100, 1_187, 1_400]
        for round in 0..<50 {
            let packet = SampleRTP(
                ssrc: ssrc,
                number: UInt16(truncatingIfNeeded: index),
                payloadCount: round < sizes.count
                    ? sizes[round] : Int.random(in: 0...1_400, using: &random),
                sources: round % 3 == 0 ? Int.random(in: 0...15, using: &random) : 0,
                extensionWords: round % 2 == 0 ? Int.random(in: 0...20, using: &random) : nil,
                using: &random
            )
            let mine = sender.protect(packet, ssrc: ssrc, index: index)
            let theirs = try #require(theirSender.protect(packet.bytes))
            #expect(mine == theirs)
            #expect(theirReceiver.unprotect(mine) == packet.bytes)
            let opened = receiver.unprotect(
                theirs,
                headerCount: packet.headerCount,
                ssrc: ssrc,
                index: index
            )
            #expect(opened == packet.bytes)
            index += 1
        }
    }

    @Test(arguments: SRTPWay.all, [1, 2, 3] as [UInt64])
    func `writes the same reports, and each opens the other's`(way: SRTPWay, seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let master = SRTPMasterKey.made(for: way.profile, using: &random)
        let ssrc = SSRC(UInt32.random(in: 0...UInt32.max, using: &random))
        // The RFC starts at zero, libsrtp at one.
        var sender = try way.sender(master, nextControlIndex: 1)
        var receiver = try way.receiver(master)
        let theirSender = try #require(
            LibSRTP(way.profile, master, ssrc: ssrc.rawValue)
        )
        let theirReceiver = try #require(
            LibSRTP(way.profile, master, ssrc: ssrc.rawValue)
        )
        for round in 0..<40 {
            let count = round < 20 ? 8 + 4 * round : Int.random(in: 8...1_200, using: &random)
            let packet = SampleRTP.report(ssrc: ssrc, count: count, using: &random)
            let mine = sender.protectRTCP(packet)
            let theirs = try #require(theirSender.protectRTCP(packet))
            #expect(mine == theirs)
            #expect(theirReceiver.unprotectRTCP(theirs) == packet)
            #expect(receiver.unprotectRTCP(theirs) == packet)
        }
    }
}
