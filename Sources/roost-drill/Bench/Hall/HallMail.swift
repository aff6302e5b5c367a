internal import Media

/// Packets on their way from one board to another, copied once as by `LoopMail`, in memory that is taken
/// once.
@safe final class HallMail {
    private let memory: UnsafeMutableRawPointer
    /// Bytes that wait. In memory of its own, since a class's are checked for exclusive access.
    private let end: UnsafeMutablePointer<Int>

    init() {
        unsafe memory = .allocate(byteCount: Self.capacity, alignment: 64)
        unsafe end = .allocate(capacity: 1)
        unsafe end.initialize(to: 0)
    }

    deinit {
        unsafe memory.deallocate()
        unsafe end.deallocate()
    }

    private static var capacity: Int { 8 << 20 }

    private static func even(_ count: Int) -> Int { (count + 15) & ~15 }

    /// False if there is no room.
    func push(
        _ header: UnsafeRawBufferPointer,
        _ packet: UnsafeRawBufferPointer
    ) -> Bool {
        let room = Self.even(MirroredPacket.headerSize)
        let count = unsafe end.pointee
        guard let head = header.baseAddress, let body = packet.baseAddress,
            count + 16 + room + Self.even(packet.count) <= Self.capacity
        else { return false }
        let start = unsafe memory + count
        unsafe start.storeBytes(of: packet.count, as: Int.self)
        unsafe (start + 16).copyMemory(from: head, byteCount: header.count)
        unsafe (start + 16 + room).copyMemory(from: body, byteCount: packet.count)
        unsafe end.pointee = count + 16 + room + Self.even(packet.count)
        return true
    }

    /// Gives everything that has come to `body`, in order, and forgets it.
    func take(_ body: (UnsafeRawPointer, UnsafeRawBufferPointer) -> Void) {
        let room = Self.even(MirroredPacket.headerSize)
        var place = 0
        while unsafe place < end.pointee {
            let start = unsafe UnsafeRawPointer(memory + place)
            let size = unsafe start.load(as: Int.self)
            unsafe body(start + 16, UnsafeRawBufferPointer(start: start + 16 + room, count: size))
            place += 16 + room + Self.even(size)
        }
        unsafe end.pointee = 0
    }
}
