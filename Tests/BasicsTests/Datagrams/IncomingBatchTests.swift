import Basics
import Testing

@Suite struct `An incoming batch` {
    private let path = DatagramPath(remote: SocketAddress(ip: .loopback, port: 9), local: 3)

    @Test func `holds copies that can be changed in place`() {
        var batch = IncomingBatch(slots: 4)
        for byte in 1...3 {
            let bytes = [UInt8](repeating: UInt8(byte), count: 100 * byte)
            append(bytes, to: &batch)
        }
        unsafe batch.forEachDatagram { start, _, _ in
            unsafe start.storeBytes(of: 0xFF, as: UInt8.self)
        }
        for index in 0..<3 {
            let datagram = unsafe batch[index]
            let bytes = unsafe [UInt8](
                UnsafeRawBufferPointer(start: datagram.start, count: datagram.count)
            )
            let rest = [UInt8](repeating: UInt8(index + 1), count: 100 * index + 99)
            #expect(bytes == [0xFF] + rest)
            let came = unsafe datagram.path
            #expect(came == path)
        }
    }

    @Test func `refuses what has no room`() {
        var batch = IncomingBatch(slots: 2, slotSize: 64)
        let sizes = [65, 64, 0, 1]
        var taken: [Bool] = []
        for size in sizes {
            let bytes = [UInt8](repeating: 0, count: size)
            taken.append(batch.append(bytes.span, from: path))
        }
        #expect(taken == [false, true, true, false])
        var (count, isFull) = (batch.count, batch.isFull)
        #expect(count == 2 && isFull)
        batch.removeAll()
        (count, isFull) = (batch.count, batch.isFull)
        #expect(count == 0 && !isFull)
        append([1], to: &batch)
    }

    @Test func `may hold several datagrams of one slot`() {
        var batch = IncomingBatch(slots: 1, slotSize: 300, limit: 3)
        let slot = unsafe batch.slot(0)
        var taken: [Bool] = []
        for index in 0..<4 { taken.append(unsafe batch.note(slot + index * 100, 100, from: path)) }
        #expect(taken == [true, true, true, false])
        let last = unsafe batch[2].start - slot
        #expect(last == 200)
    }

    private func append(_ bytes: [UInt8], to batch: inout IncomingBatch) {
        let isTaken = batch.append(bytes.span, from: path)
        #expect(isTaken)
    }
}
