package import Basics
internal import CLinux
package import Crypto
internal import Glibc

/// One TCP connection on a loop, with or without TLS: bytes in, frames out.
///
/// It belongs to one handler at a time, always on the loop's thread; a handler may pass it on to
/// another of the same loop (a websocket takes it from HTTP). Reading borrows the loop's buffers;
/// what can't be sent at once waits in an ``Outbox``. At rest it owns no buffer.
///
/// Under TLS, frames wait in plain text and become ciphertext when the kernel has room for them, so
/// that a frame not begun can still be left out, and a thousand waiting readers share one copy.
package final class Transport: @unchecked Sendable {
    package enum Pulled: Sendable {
        /// All that has come was handed over; more will be announced.
        case drained
        /// The consumer asked to stop, or the turn's share is used up; more may be waiting.
        case paused
        /// The peer has sent all it will send.
        case ended
        case failed(reason: String)
        case failedTLS(TLSFault)
    }

    package let loop: Loop
    private var descriptor: Int32
    private var registration: Loop.Registration?

    /// The kernel may have bytes for us. Edge-triggered: told once, remembered here.
    private var mayRead = false
    private var mayWrite = true
    private var outbox = Outbox()
    /// Ciphertext the kernel has not taken. Without TLS always empty.
    private var sealed = Outbox()
    private var tls: TLSMachine?
    private var isEstablished = false
    /// Plain text may be left inside the TLS machine, because the consumer paused.
    private var mayHoldPlaintext = false
    private var mustFinish = false
    private var hasSaidGoodbye = false
    private var hasFinished = false

    /// The peer said under TLS that this is the end; nobody has cut it short.
    package private(set) var hasEndedCleanly = false
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
    package var isSecured: Bool { tls != nil }
    /// How many bytes have reached the peer's side, as its kernel says: what this side's kernel has
    /// taken may still lie there.
    package var acknowledgedBytes: UInt64 {
        bytesOut - min(Socket.unacknowledged(descriptor), bytesOut)
    }

    package var unsentBytes: Int { outbox.byteCount + sealed.byteCount }
    package var unsentFrames: Int { outbox.frameCount + sealed.frameCount }

    /// From here on everything is said under TLS. `rest` has come already and is part of it.
    package func secure(with machine: consuming TLSMachine, after rest: Span<UInt8>) {
        precondition(bytesOut == 0, "nothing may have been said in the clear")
        tls = consume machine
        guard !rest.isEmpty else { return }
        tls?.receive(rest)
        mayHoldPlaintext = true
        revisit()
    }

    /// Says the first word of the TLS handshake, which is the client's.
    package func beginHandshake() {
        noteHandshake()
        sealOutput()
    }

    /// What the other side's certificate says, if it has shown one.
    package var peerCertificate: Certificate? { tls?.peerCertificate }

    /// Whether the TLS handshake is done, or none is needed.
    package var isReady: Bool { tls == nil || isEstablished }

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
        if !readiness.isDisjoint(with: [.write, .broken]) { mayWrite = true }
    }

    // MARK: - Reading

    /// Hands what has come to `consume`, piece by piece, until nothing is left, the consumer returns
    /// false, or a fair share of the turn is used up.
    package func pull(_ consume: (Span<UInt8>) -> Bool) -> Pulled {
        if mayHoldPlaintext {
            mayHoldPlaintext = false
            if let pulled = pullPlaintext(consume, first: nil) { return pulled }
        }
        var share = Self.bytesPerTurn
        while mayRead {
            guard share > 0 else { return .paused }
            let room = unsafe loop.scratch.incoming
            let count = unsafe recv(descriptor, room.baseAddress, room.count, 0)
            if count > 0 {
                // Less than there was room for does not mean that the kernel has no more: some was seen to lie
                // there with no word of it to come. Only being told so means it.
                share -= count
                bytesIn &+= UInt64(count)
                let bytes = unsafe UnsafeRawBufferPointer(rebasing: room[..<count])
                let span = unsafe Span<UInt8>(_unsafeBytes: bytes)
                if tls == nil {
                    guard consume(span) else { return .paused }
                } else if let pulled = pullPlaintext(consume, first: span) {
                    return pulled
                }
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

    /// Takes ciphertext, if there is some new, and hands on what it means. Nil if all was handed on.
    private func pullPlaintext(
        _ consume: (Span<UInt8>) -> Bool,
        first ciphertext: Span<UInt8>?
    ) -> Pulled? {
        let room = unsafe loop.scratch.plaintext.bindMemory(to: UInt8.self)
        var isFirst = true
        while true {
            var plaintext = unsafe MutableSpan(_unsafeElements: room)
            let reading: TLSMachine.Reading?
            if isFirst, let ciphertext {
                reading = tls?.receive(ciphertext, into: &plaintext)
            } else {
                reading = tls?.read(into: &plaintext)
            }
            isFirst = false
            noteHandshake()
            sealOutput()
            // What TLS itself owes a peer (new keys, alerts) grows if the peer asks but never reads.
            guard sealed.byteCount <= Self.sealedLimit else {
                mayRead = false
                return .failed(reason: "the peer does not take what TLS has to tell it")
            }
            switch reading {
            case .bytes(let count):
                let bytes = unsafe UnsafeBufferPointer(rebasing: room[..<count])
                guard consume(unsafe Span(_unsafeElements: bytes)) else {
                    mayHoldPlaintext = true
                    return .paused
                }
                // The consumer may have ended the connection.
                guard isOpen else { return .drained }
            case .needsMore, nil:
                return nil
            case .ended(let isClean):
                hasEndedCleanly = isClean
                mayRead = false
                return .ended
            case .failed(let fault):
                mayRead = false
                return .failedTLS(fault)
            }
        }
    }

    private func noteHandshake() {
        guard !isEstablished, tls?.advance() == .established else { return }
        isEstablished = true
    }

    // MARK: - Writing

    /// Sends the frame now or as soon as the peer takes it. Shares the array; copies nothing.
    package func send(_ frame: [UInt8]) {
        guard isOpen, !mustFinish else { return }
        if tls == nil, outbox.isEmpty {
            let sent = unsafe frame.withUnsafeBytes { unsafe offer($0) }
            outbox.append(frame, from: sent)
        } else {
            outbox.append(frame)
            flush()
        }
    }

    /// Puts the frame behind those that wait, to leave with the next flush: frames of one turn then cost
    /// one call of the kernel.
    package func enqueue(_ frame: [UInt8]) {
        guard isOpen, !mustFinish else { return }
        outbox.append(frame)
    }

    /// Sends bytes from a buffer that will be used again: what the kernel does not take is copied.
    package func send(copying bytes: borrowing [UInt8]) {
        guard isOpen, !mustFinish, !bytes.isEmpty else { return }
        if tls == nil, outbox.isEmpty {
            let sent = unsafe bytes.withUnsafeBytes { unsafe offer($0) }
            if sent < bytes.count { outbox.append([UInt8](bytes[sent...])) }
        } else if outbox.isEmpty, sealed.isEmpty, isEstablished, mayWrite {
            _ = tls?.write(bytes.span)
            sealOutput()
        } else {
            outbox.append([UInt8](copying: bytes.span))
            flush()
        }
    }

    /// Sends what waits, as far as the peer takes it. True if nothing waits any more.
    @discardableResult
    package func flush() -> Bool {
        guard isOpen else { return true }
        if tls == nil {
            push(&outbox)
        } else {
            push(&sealed)
            while isEstablished, mayWrite, sealed.isEmpty, !outbox.isEmpty {
                seal()
            }
        }
        guard outbox.isEmpty, sealed.isEmpty else { return false }
        return mustFinish ? finishNow() : true
    }

    /// Makes ciphertext of the next frames, no more than the kernel is likely to take.
    private func seal() {
        var sealedBytes = 0
        while sealedBytes < Self.sealedPerStep, !outbox.isEmpty {
            let count = sealNext()
            outbox.consume(count)
            sealedBytes += count
        }
        sealOutput()
    }

    /// Frames that fill no record share one: to seal it costs as much as to encrypt some hundred bytes, and as
    /// much again where it is opened.
    private func sealNext() -> Int {
        if outbox.frameCount > 1, outbox.firstByteCount < Scratch.recordSize / 2 {
            let room = unsafe loop.scratch.record
            let count = unsafe outbox.copyUnsent(into: room)
            let record = unsafe UnsafeRawBufferPointer(rebasing: room[..<count])
            _ = tls?.write(unsafe Span<UInt8>(_unsafeBytes: record))
            return count
        }
        return unsafe outbox.withFirst { bytes in
            let step = min(bytes.count, Self.sealedPerStep)
            let piece = unsafe UnsafeRawBufferPointer(rebasing: bytes[..<step])
            _ = tls?.write(unsafe Span<UInt8>(_unsafeBytes: piece))
            return step
        } ?? 0
    }

    /// Gives the TLS machine's output to the kernel, and keeps what it does not take.
    private func sealOutput() {
        guard tls?.hasOutput == true else { return }
        var bytes: [UInt8] = []
        tls?.takeOutput(into: &bytes)
        guard sealed.isEmpty else {
            sealed.append(bytes)
            return
        }
        let sent = unsafe bytes.withUnsafeBytes { unsafe offer($0) }
        sealed.append(bytes, from: sent)
    }

    private func push(_ outbox: inout Outbox) {
        while mayWrite, isOpen, !outbox.isEmpty {
            if outbox.frameCount == 1 {
                // Most often: without a list of one.
                outbox.consume(unsafe outbox.withFirst { unsafe offer($0) } ?? 0)
                continue
            }
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
    }

    /// Forgets every frame that has not begun to go out, and says how many they were.
    package func dropUnbegun() -> Int { outbox.dropUnbegun() }

    // MARK: - Ending

    /// Says that nothing more will be sent, once what waits has gone.
    package func finish() {
        guard isOpen, !mustFinish else { return }
        mustFinish = true
        flush()
    }

    /// Says goodbye under TLS, and then to the kernel. False while the first still waits.
    private func finishNow() -> Bool {
        guard !hasFinished else { return true }
        if !hasSaidGoodbye {
            hasSaidGoodbye = true
            tls?.close()
            sealOutput()
        }
        guard sealed.isEmpty else { return false }
        hasFinished = true
        shutdown(descriptor, Int32(SHUT_WR))
        return true
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
        mayHoldPlaintext = false
        outbox = Outbox()
        sealed = Outbox()
        tls = nil
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
    private static let sealedPerStep = 64 * 1024
    private static let sealedLimit = 1 << 20
    private static let partsPerCall = 64
}
