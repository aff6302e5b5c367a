internal import Basics
internal import CLinux
internal import Glibc

/// Writes a run to a TCP connection in one call: before each packet its length (RFC 4571 §2).
@safe struct MediaStreamFrames: ~Copyable {
    private let parts: UnsafeMutablePointer<iovec>
    private let lengths: UnsafeMutablePointer<UInt16>

    init() {
        let count = OutgoingBatch.packetsPerRun
        unsafe parts = .allocate(capacity: 2 * count)
        unsafe lengths = .allocate(capacity: count)
        for index in 0..<count {
            let length = unsafe iovec(iov_base: lengths + index, iov_len: 2)
            unsafe (parts + 2 * index).initialize(to: length)
        }
    }

    deinit {
        unsafe parts.deallocate()
        unsafe lengths.deallocate()
    }

    /// How many bytes the kernel took, lengths included; nil if the connection is broken.
    func send(
        _ run: OutgoingBatch.Run,
        from start: UnsafeRawPointer,
        to descriptor: Int32
    ) -> Int? {
        let packets = min(run.packets, OutgoingBatch.packetsPerRun)
        var offset = 0
        for index in 0..<packets {
            let size = min(run.segmentSize, run.count - offset)
            unsafe lengths[index] = UInt16(truncatingIfNeeded: size).bigEndian
            unsafe parts[2 * index + 1] = iovec(
                iov_base: UnsafeMutableRawPointer(mutating: start + offset),
                iov_len: size
            )
            offset += size
        }
        var message = unsafe msghdr()
        unsafe message.msg_iov = parts
        unsafe message.msg_iovlen = 2 * packets
        while true {
            let flags = Int32(MSG_NOSIGNAL | MSG_DONTWAIT)
            let sent = unsafe sendmsg(descriptor, &message, flags)
            if sent >= 0 { return sent }
            switch errno {
            case EINTR: continue
            case EAGAIN: return 0
            default: return nil
            }
        }
    }
}
