internal import Basics
internal import CLinux
internal import Glibc

/// Reads datagrams of a socket into the slots of a batch, up to 64 in one system call.
///
/// What the kernel needs to know for that (where the slots are, where to put addresses and control
/// messages) is written down once. A read only sets the lengths again that the last one changed.
@safe struct DatagramReader: ~Copyable {
    private let count: Int
    private let messages: UnsafeMutablePointer<roost_message>
    private let parts: UnsafeMutablePointer<iovec>
    private let names: UnsafeMutableRawPointer
    private let controls: UnsafeMutableRawPointer
    // What has been read and is not yet in the batch.
    private var arrived = 0
    private var next = 0
    private var offset = 0

    /// Prepares to fill this batch, and no other.
    init(filling batch: borrowing IncomingBatch) {
        count = batch.slots
        unsafe messages = .allocate(capacity: count)
        unsafe parts = .allocate(capacity: count)
        unsafe names = .allocate(byteCount: count * KernelName.stride, alignment: 16)
        unsafe controls = .allocate(byteCount: count * Self.controlSize, alignment: 16)
        for index in 0..<count {
            let part = unsafe iovec(iov_base: batch.slot(index), iov_len: batch.slotSize)
            unsafe (parts + index).initialize(to: part)
            var message = unsafe roost_message()
            unsafe message.header.msg_name = names + index * KernelName.stride
            unsafe message.header.msg_iov = parts + index
            unsafe message.header.msg_iovlen = 1
            unsafe message.header.msg_control = controls + index * Self.controlSize
            unsafe (messages + index).initialize(to: message)
        }
    }

    deinit {
        unsafe messages.deallocate()
        unsafe parts.deallocate()
        unsafe names.deallocate()
        unsafe controls.deallocate()
    }

    enum Reading {
        /// Something has come. If it is less than would have fitted, there was no more.
        case arrived(isAll: Bool)
        case nothing
        /// The kernel had something else to tell; read again.
        case interrupted
    }

    /// Reads what has come. ``unload(local:into:counting:)`` must have taken the previous reading.
    mutating func read(_ descriptor: Int32) -> Reading {
        for index in 0..<count {
            unsafe messages[index].header.msg_namelen = UInt32(KernelName.stride)
            unsafe messages[index].header.msg_controllen = Self.controlSize
        }
        let got = unsafe Int(roost_receive_messages(descriptor, messages, UInt32(count)))
        guard got > 0 else { return got == 0 || errno == EAGAIN ? .nothing : .interrupted }
        arrived = got
        next = 0
        offset = 0
        return .arrived(isAll: got < count)
    }

    /// Notes in the batch what was read, as far as it takes it. False when all of it is there.
    mutating func unload(
        local: UInt16,
        into batch: inout IncomingBatch,
        counting counters: inout MediaCounters
    ) -> Bool {
        while next < arrived {
            let message = unsafe messages + next
            let size = unsafe Int(message.pointee.length)
            let isWhole = unsafe message.pointee.header.msg_flags & Int32(MSG_TRUNC) == 0
            guard isWhole, size > 0,
                let remote = unsafe KernelName.read(names + next &* KernelName.stride)
            else {
                counters.refusedDatagrams &+= 1
                next &+= 1
                continue
            }
            let path = DatagramPath(remote: remote, local: local)
            let start = unsafe batch.slot(next)
            let segment = unsafe Int(roost_train_segment_size(&message.pointee.header))
            if segment > 0, segment < size {
                while offset < size {
                    let piece = min(segment, size &- offset)
                    guard unsafe batch.note(start + offset, piece, from: path) else { return true }
                    counters.receivedDatagrams &+= 1
                    offset &+= piece
                }
                counters.receivedTrains &+= 1
                offset = 0
            } else {
                guard unsafe batch.note(start, size, from: path) else { return true }
                counters.receivedDatagrams &+= 1
            }
            counters.receivedBytes &+= UInt64(truncatingIfNeeded: size)
            next &+= 1
        }
        return false
    }

    /// One control message with a number in it.
    private static let controlSize = 32
}
