import Basics
import CSRTP
import Media
import Testing

@Suite struct `The memory of a board` {
    @Test func `does not grow by what it passes on`() {
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
        var isQuiet = false
        for packets in burst {
            let used = mallinfo2().uordblks
            call.now = call.now + .milliseconds(20)
            for bytes in packets { pass(bytes, from: ada.path, &call) }
            // Other tests take and return memory meanwhile, and reports are due now and then: quiet
            // moments prove that packets take none.
            isQuiet = isQuiet || mallinfo2().uordblks <= used
        }
        #expect(call.board.counts.packetsOut - before > 15_000)
        #expect(isQuiet)
    }

    private func pass(_ bytes: [UInt8], from path: DatagramPath, _ call: inout SimulatedCall) {
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
