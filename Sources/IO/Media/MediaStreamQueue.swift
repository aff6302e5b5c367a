internal import CLinux
internal import Glibc

/// Bytes that wait for a slow reader of a TCP connection: a ring that has no memory until it is
/// needed, and gives it back when it is empty.
@safe struct MediaStreamQueue: ~Copyable {
    private let capacity: Int
    private var room: UnsafeMutableRawPointer?
    private var start = 0
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    deinit {
        unsafe room?.deallocate()
    }

    var isEmpty: Bool { count == 0 }

    func fits(_ size: Int) -> Bool { size <= capacity - count }

    mutating func append(_ bytes: UnsafeRawPointer, _ size: Int) {
        precondition(fits(size), "ask first whether it fits")
        let room = unsafe room ?? .allocate(byteCount: capacity, alignment: 64)
        unsafe self.room = unsafe room
        let end = (start + count) % capacity
        let first = min(size, capacity - end)
        unsafe (room + end).copyMemory(from: bytes, byteCount: first)
        unsafe room.copyMemory(from: bytes + first, byteCount: size - first)
        count += size
    }

    /// Gives the kernel what it takes, and says how much that was; nil if the connection is broken.
    mutating func flush(_ descriptor: Int32) -> Int? {
        var total = 0
        while count > 0, let room = unsafe room {
            let piece = min(count, capacity - start)
            let sent = unsafe send(
                descriptor,
                room + start,
                piece,
                Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
            )
            guard sent >= 0 else {
                if errno == EINTR { continue }
                return errno == EAGAIN ? total : nil
            }
            start = (start + sent) % capacity
            count -= sent
            total += sent
        }
        unsafe room?.deallocate()
        unsafe room = nil
        start = 0
        return total
    }
}
