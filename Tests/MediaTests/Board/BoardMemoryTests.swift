import Basics
import CSRTP
import Media
import Testing

@Suite struct `The memory of a board` {
    /// In a process of its own, where no other test takes or returns memory.
    @Test func `does not grow by what it passes on`() async {
        await #expect(processExitsWith: .success) {
            var call = SimulatedCall()
            let ada = call.bring()
            let viewers = 20
            for _ in 0..<viewers { _ = call.bring(voice: false, camera: false) }
            call.run(for: .milliseconds(300))
            // Packets of hers, made before they are counted.
            var burst: [[[UInt8]]] = []
            for _ in 0..<400 {
                ada.datagrams.removeAll()
                ada.sendFrames(of: 0, at: ada.tracks[0].nextFrame)
                ada.sendFrames(of: 1, at: ada.tracks[1].nextFrame)
                burst.append(ada.datagrams.map(\.bytes))
            }
            ada.datagrams.removeAll()
            let before = call.board.counts.packetsOut
            var quiet = 0
            for packets in burst {
                let used = mallinfo2().uordblks
                call.now = call.now + .milliseconds(20)
                for bytes in packets { Self.pass(bytes, from: ada.path, &call) }
                if mallinfo2().uordblks == used { quiet += 1 }
            }
            #expect(call.board.counts.packetsOut - before > 15_000)
            // The others are those in which reports, or a choice of layers, were due.
            #expect(quiet > 300, "\(quiet) of 400")
        }
    }

    private static func pass(_ bytes: [UInt8], from path: DatagramPath, _ call: inout SimulatedCall)
    {
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe withUnsafeTemporaryAllocation(byteCount: 1_500, alignment: 16) { room in
                guard let start = room.baseAddress, let source = bytes.baseAddress else { return }
                unsafe start.copyMemory(from: source, byteCount: bytes.count)
                unsafe call.board.receive(
                    start,
                    count: bytes.count,
                    from: path,
                    at: call.now,
                    into: &call.out
                )
            }
        }
        while !call.board.advance(to: call.now, into: &call.out) { call.out.removeAll() }
        call.out.removeAll()
    }
}
