internal import Basics
internal import CLinux
internal import Glibc

/// Sends the runs of a batch, up to 64 in one system call, and never waits.
///
/// A run goes out in one piece (UDP_SEGMENT) where the kernel takes it so. Where it doesn't, the run
/// is split, at once and for good: for the whole socket if the network card can't do checksums
/// (EIO), for one path if the packets are larger than its way allows in one piece (EINVAL,
/// EMSGSIZE). Whatever else the kernel says about a packet loses that packet, which is counted.
@safe struct DatagramWriter: ~Copyable {
    /// One of the loop's sockets, as far as sending goes.
    struct Door {
        var descriptor: Int32
        var local: UInt16
        var isIPv6: Bool
        /// Whether runs may be given to the kernel in one piece.
        var takesRuns: Bool
    }

    /// What became of a packet that the kernel would not take.
    enum Refusal: Equatable {
        case tryAgain
        /// No room at all: neither is there for those behind it.
        case noRoom
        /// No room for this one, in the network card's queue.
        case noRoomForThis
        /// Not as a run: `everywhere`, on this socket, or on this path only.
        case notInOnePiece(everywhere: Bool)
        case unreachable

        init(_ code: Int32, isRun: Bool) {
            switch code {
            case EINTR: self = .tryAgain
            case EAGAIN: self = .noRoom
            case ENOBUFS, ENOMEM: self = .noRoomForThis
            case EIO where isRun: self = .notInOnePiece(everywhere: true)
            case EINVAL where isRun, EMSGSIZE where isRun:
                self = .notInOnePiece(everywhere: false)
            default: self = .unreachable
            }
        }
    }

    private let messages: UnsafeMutablePointer<roost_message>
    private let parts: UnsafeMutablePointer<iovec>
    private let names: UnsafeMutableRawPointer
    private let controls: UnsafeMutableRawPointer
    /// How many packets each message has, and whose run it is.
    private let packets: UnsafeMutablePointer<Int>
    private let runs: UnsafeMutablePointer<Int>
    /// Fingerprints of paths whose runs are to be split, each at its place of 256. Two that share
    /// one take turns, and pay with a refused call each time.
    private let splitPaths: UnsafeMutablePointer<UInt64>

    init() {
        let count = Self.messagesPerCall
        unsafe messages = .allocate(capacity: count)
        unsafe parts = .allocate(capacity: count)
        unsafe names = .allocate(byteCount: count * KernelName.stride, alignment: 16)
        unsafe controls = .allocate(byteCount: count * Self.controlSize, alignment: 16)
        unsafe packets = .allocate(capacity: count)
        unsafe runs = .allocate(capacity: count)
        unsafe splitPaths = .allocate(capacity: Self.splitPathPlaces)
        unsafe splitPaths.initialize(repeating: 0, count: Self.splitPathPlaces)
        unsafe parts.initialize(repeating: iovec(), count: count)
        for index in 0..<count {
            var message = unsafe roost_message()
            unsafe message.header.msg_name = names + index * KernelName.stride
            unsafe message.header.msg_iov = parts + index
            unsafe message.header.msg_iovlen = 1
            unsafe (messages + index).initialize(to: message)
            unsafe roost_write_segment_size(controls + index * Self.controlSize, 0)
        }
    }

    deinit {
        unsafe messages.deallocate()
        unsafe parts.deallocate()
        unsafe names.deallocate()
        unsafe controls.deallocate()
        unsafe packets.deallocate()
        unsafe runs.deallocate()
        unsafe splitPaths.deallocate()
    }

    /// Sends all runs of the batch that are to leave by this door.
    mutating func send(
        _ batch: borrowing OutgoingBatch,
        by door: inout Door,
        counting counters: inout MediaCounters
    ) {
        var filled = 0
        for index in 0..<batch.runCount {
            let run = batch[index]
            guard run.path.local == door.local, run.path.stream == 0 else { continue }
            let isWhole = run.packets == 1 || door.takesRuns && !mustSplit(run.path)
            let needed = isWhole ? 1 : run.packets
            if filled &+ needed > Self.messagesPerCall {
                push(filled, of: batch, by: &door, counting: &counters)
                filled = 0
            }
            let size = isWhole ? run.count : run.segmentSize
            let start = unsafe batch.bytes + run.offset
            var offset = 0
            while offset < run.count {
                let piece = min(size, run.count &- offset)
                let name = unsafe names + filled &* KernelName.stride
                guard
                    let length = unsafe KernelName.write(
                        run.path.remote,
                        to: name,
                        isIPv6: door.isIPv6
                    )
                else {
                    counters.droppedUnreachable &+= UInt64(truncatingIfNeeded: run.packets)
                    break
                }
                unsafe messages[filled].header.msg_namelen = length
                unsafe parts[filled] = iovec(iov_base: start + offset, iov_len: piece)
                unsafe packets[filled] = isWhole ? run.packets : 1
                unsafe runs[filled] = index
                if isWhole, run.packets > 1 {
                    let control = unsafe controls + filled &* Self.controlSize
                    unsafe control.storeBytes(
                        of: UInt16(truncatingIfNeeded: run.segmentSize),
                        toByteOffset: Self.segmentSizeOffset,
                        as: UInt16.self
                    )
                    unsafe messages[filled].header.msg_control = control
                    unsafe messages[filled].header.msg_controllen = Self.controlLength
                } else {
                    unsafe messages[filled].header.msg_controllen = 0
                }
                filled &+= 1
                offset &+= piece
            }
        }
        push(filled, of: batch, by: &door, counting: &counters)
    }

    private mutating func push(
        _ count: Int,
        of batch: borrowing OutgoingBatch,
        by door: inout Door,
        counting counters: inout MediaCounters
    ) {
        var first = 0
        while first < count {
            let sent = unsafe Int(
                roost_send_messages(door.descriptor, messages + first, UInt32(count &- first))
            )
            if sent > 0 {
                for index in first..<first &+ sent {
                    unsafe tally(messages[index].length, packets[index], in: &counters)
                }
                first &+= sent
                continue
            }
            let lost = unsafe UInt64(truncatingIfNeeded: packets[first])
            switch Refusal(errno, isRun: lost > 1) {
            case .tryAgain:
                continue
            case .noRoom:
                for index in first..<count {
                    counters.droppedForRoom &+= unsafe UInt64(truncatingIfNeeded: packets[index])
                }
                return
            case .noRoomForThis:
                counters.droppedForRoom &+= lost
            case .notInOnePiece(let everywhere):
                let run = unsafe batch[runs[first]]
                if everywhere { door.takesRuns = false } else { rememberToSplit(run.path) }
                split(run, at: first, of: batch, by: door, counting: &counters)
            case .unreachable:
                counters.droppedUnreachable &+= lost
            }
            first &+= 1
        }
    }

    /// Sends a run that was refused packet by packet, with the message that was to carry it.
    private mutating func split(
        _ run: OutgoingBatch.Run,
        at index: Int,
        of batch: borrowing OutgoingBatch,
        by door: Door,
        counting counters: inout MediaCounters
    ) {
        counters.splitRuns &+= 1
        unsafe messages[index].header.msg_controllen = 0
        var offset = 0
        while offset < run.count {
            let piece = min(run.segmentSize, run.count &- offset)
            let start = unsafe batch.bytes + run.offset + offset
            unsafe parts[index] = iovec(iov_base: start, iov_len: piece)
            if unsafe roost_send_messages(door.descriptor, messages + index, 1) == 1 {
                unsafe tally(messages[index].length, 1, in: &counters)
            } else {
                switch Refusal(errno, isRun: false) {
                case .tryAgain: continue
                case .noRoom, .noRoomForThis: counters.droppedForRoom &+= 1
                case .notInOnePiece, .unreachable: counters.droppedUnreachable &+= 1
                }
            }
            offset &+= piece
        }
    }

    private func tally(_ bytes: UInt32, _ packets: Int, in counters: inout MediaCounters) {
        counters.sentBytes &+= UInt64(bytes)
        counters.sentPackets &+= UInt64(truncatingIfNeeded: packets)
        counters.sentRuns &+= 1
    }

    private func mustSplit(_ path: DatagramPath) -> Bool {
        guard hasSplitPaths else { return false }
        let print = path.fingerprint
        return unsafe splitPaths[Self.place(of: print)] == print
    }

    private mutating func rememberToSplit(_ path: DatagramPath) {
        hasSplitPaths = true
        let print = path.fingerprint
        unsafe splitPaths[Self.place(of: print)] = print
    }

    private var hasSplitPaths = false

    private static func place(of fingerprint: UInt64) -> Int {
        Int(truncatingIfNeeded: fingerprint) & (splitPathPlaces - 1)
    }

    private static let messagesPerCall = 64
    private static let controlSize = 32
    private static let controlLength = Int(roost_segment_size_room)
    private static let segmentSizeOffset = Int(roost_segment_size_offset)
    private static let splitPathPlaces = 256
}
