package import Basics
internal import Crypto
internal import Glibc

/// One TCP connection on a loop, with or without TLS: bytes in, frames out.
///
/// It belongs to one handler at a time, always on the loop's thread; a handler may pass it on to
/// another of the same loop (a websocket takes it from HTTP). Reading borrows the loop's buffers;
/// what can't be sent at once waits in an ``Outbox``. At rest it owns no buffer.
package final class Transport: @unchecked Sendable {
    package enum Pulled: Sendable {
        /// All that has come was handed over; more will be announced.
        case drained
        /// The consumer asked to stop, or the turn's share is used up; more may be waiting.
        case paused
        /// The peer has sent all it will send.
        case ended
        case failed(reason: String)
    }

    package let loop: Loop
    private var descriptor: Int32
    private var registration: Loop.Registration?

    /// The kernel may have bytes for us. Edge-triggered: told once, remembered here.
    private var mayRead = false
    private var mayWrite = true
    /// The end has been announced, so a short read no longer means that the kernel has nothing left.
    private var mustReadToEnd = false
    private var outbox = Outbox()
    private var hasFinished = false

    package private(set) var bytesIn: UInt64 = 0
    package private(set) var bytesOut: UInt64 = 0

    /// Takes over a connected, non-blocking descriptor.
    package init(descriptor: Int32, loop: Loop) {
        self.descriptor = descriptor
        self.loop = loop
    }

    deinit {
        // The last owner lets go only on the loop, or after the loop has ended.
        if descriptor >= 0 { close(descriptor) }
    }

    package var isOpen: Bool { descriptor >= 0 }
    package var unsentBytes: Int { outbox.byteCount }
    package var unsentFrames: Int { outbox.frameCount }

    // MARK: - Who is told

    /// From now on the handler is told of readiness. Called by each owner in turn.
    package func attach(_ handler: any LoopHandler) throws(SystemFault) {
        if let registration {
            loop.hand(registration, to: handler)
        } else {
            registration = try loop.register(descriptor, handler: handler)
        }
    }

    package func schedule(at instant: Instant) {
        guard let registration else { return }
        loop.schedule(registration, at: instant)
    }

    package func revisit() {
        guard let registration else { return }
        loop.revisit(registration)
    }

    package func note(_ readiness: Readiness) {
        if !readiness.isDisjoint(with: [.read, .peerEnded, .broken]) { mayRead = true }
        if !readiness.isDisjoint(with: [.peerEnded, .broken]) { mustReadToEnd = true }
        if !readiness.isDisjoint(with: [.write, .broken]) { mayWrite = true }
    }

    // MARK: - Reading

    /// Hands what has come to `consume`, piece by piece, until nothing is left, the consumer returns
    /// false, or a fair share of the turn is used up.
    package func pull(_ consume: (Span<UInt8>) -> Bool) -> Pulled {
        var share = Self.bytesPerTurn
        while mayRead {
            guard share > 0 else { return .paused }
            let room = unsafe loop.scratch.incoming
            let count = unsafe recv(descriptor, room.baseAddress, room.count, 0)
            if count > 0 {
                // Less than there was room for: the kernel has no more, and will tell when it has.
                if count < room.count, !mustReadToEnd { mayRead = false }
                share -= count
                bytesIn &+= UInt64(count)
                let bytes = unsafe UnsafeRawBufferPointer(rebasing: room[..<count])
                let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
                guard consume(span) else { return .paused }
            } else if count == 0 {
                mayRead = false
                return .ended
            } else if errno == EAGAIN {
                mayRead = false
            } else if errno != EINTR {
                mayRead = false
                return .failed(reason: SystemFault.last("read from a connection").description)
            }
        }
        return .drained
    }

    // MARK: - Writing

    /// Sends the frame now or as soon as the peer takes it. Shares the array; copies nothing.
    package func send(_ frame: [UInt8]) {
        guard isOpen, !hasFinished else { return }
        guard outbox.isEmpty else {
            outbox.append(frame)
            return
        }
        let sent = unsafe frame.withUnsafeBytes { unsafe offer($0) }
        outbox.append(frame, from: sent)
    }

    /// Sends bytes from a buffer that will be used again: what the kernel does not take is copied.
    package func send(copying bytes: borrowing [UInt8]) {
        guard isOpen, !hasFinished, !bytes.isEmpty else { return }
        guard outbox.isEmpty else {
            outbox.append([UInt8](copy bytes))
            return
        }
        let sent = unsafe bytes.withUnsafeBytes { unsafe offer($0) }
        if sent < bytes.count { outbox.append([UInt8](bytes[sent...])) }
    }

    /// Sends what waits, as far as the peer takes it. True if nothing waits any more.
    @discardableResult
    package func flush() -> Bool {
        while mayWrite, isOpen, !outbox.isEmpty {
            var parts = unsafe [iovec]()
            unsafe parts.reserveCapacity(min(outbox.frameCount, Self.partsPerCall))
            unsafe outbox.forEachUnsent(upTo: Self.partsPerCall) { bytes in
                let base = unsafe UnsafeMutableRawPointer(mutating: bytes.baseAddress)
                unsafe parts.append(iovec(iov_base: base, iov_len: bytes.count))
            }
            // The arrays stay in the outbox, unchanged, until the call has returned.
            var message = unsafe msghdr()
            let sent = unsafe parts.withUnsafeMutableBufferPointer { parts in
                unsafe message.msg_iov = parts.baseAddress
                unsafe message.msg_iovlen = parts.count
                return unsafe sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
            }
            if sent > 0 {
                bytesOut &+= UInt64(sent)
                outbox.consume(sent)
            } else if errno != EINTR {
                mayWrite = false
            }
        }
        return outbox.isEmpty
    }

    /// Forgets every frame that has not begun to go out, and says how many they were.
    package func dropUnbegun() -> Int { outbox.dropUnbegun() }

    // MARK: - Ending

    /// Says that nothing more will be sent. What still waits is given up.
    package func finish() {
        guard isOpen, !hasFinished else { return }
        hasFinished = true
        _ = outbox.dropUnbegun()
        shutdown(descriptor, Int32(SHUT_WR))
    }

    /// Lets go of the connection. The kernel still delivers what it has taken.
    package func end() {
        guard isOpen else { return }
        if let registration { loop.deregister(registration, descriptor) }
        registration = nil
        close(descriptor)
        descriptor = -1
        mayRead = false
        mayWrite = false
        outbox = Outbox()
    }

    /// Lets go and tells the peer that something is wrong (RST), without waiting for anything.
    package func abort() {
        guard isOpen else { return }
        var linger = linger(l_onoff: 1, l_linger: 0)
        unsafe setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_LINGER,
            &linger,
            socklen_t(MemoryLayout.size(ofValue: linger))
        )
        end()
    }

    /// Gives the bytes to the kernel and says how many it took.
    private func offer(_ bytes: UnsafeRawBufferPointer) -> Int {
        guard mayWrite else { return 0 }
        while true {
            let sent = unsafe Glibc.send(
                descriptor,
                bytes.baseAddress,
                bytes.count,
                Int32(MSG_NOSIGNAL)
            )
            if sent >= 0 {
                if sent < bytes.count { mayWrite = false }
                bytesOut &+= UInt64(sent)
                return sent
            }
            guard errno == EINTR else {
                // A broken connection shows when it is read; until then, nothing can be written.
                mayWrite = false
                return 0
            }
        }
    }

    private static let bytesPerTurn = 256 * 1024
    private static let partsPerCall = 64
}
