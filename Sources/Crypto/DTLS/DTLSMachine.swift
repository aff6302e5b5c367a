package import Basics
internal import COpenSSL

/// One DTLS 1.2 session with a media peer as a machine over datagrams (RFC 6347, RFC 5764): in come
/// datagrams and moments, out come datagrams, the keys for SRTP, and messages.
///
///                 finished                        expect(_:)
///     handshaking ────────▶ unproved ─────────────────────────────▶ established
///          │   ╲                │  the description came after it            │
///          │    ╰───────────────┼──────────────────────────────────▶        │ close(),
///          │     finished, and the certificate is the expected one          │ close_notify
///          ▼                    ▼                                           ▼
///        failed ◀───────────────┴───────────────────────────────────────  closed
///
/// Nothing is handed upward before the handshake is finished *and* the certificate is one that the
/// peer's description names.
///
/// Whoever owns the socket calls ``receive(_:at:)`` for each datagram, or ``advance(to:)`` when
/// ``deadline`` has come (a client's machine has one at once: its hello), and then takes what there is by
/// ``nextDatagram(into:)`` and ``nextEvent()`` until both are empty. Datagrams come only from an address
/// that has passed a STUN check.
///
/// What is not authenticated yet does not end a session. Alerts in the clear and messages that break
/// OpenSSL's handshake are noted as a *doubt*: they fail the session with their reason if it is not
/// established some seconds later. Meanwhile OpenSSL's part is made anew, at most five times in ten
/// seconds, so that an honest hello still finds a server.
///
/// One thing here is not a value: OpenSSL measures by its own clock when a flight is due again. The
/// machine asks it how long, and counts that in the instants it is given.
@safe package struct DTLSMachine: ~Copyable, Sendable {
    package enum Role: Sendable {
        case client
        case server
    }

    package enum Event: Equatable, Sendable {
        /// The profile's number (zero if none was agreed on, as by a peer that wants data channels
        /// only), and what the exporter gives for it: client key, server key, client salt, server salt
        /// (RFC 5764 section 4.2).
        case established(profile: UInt16, keyMaterial: [UInt8])
        case message([UInt8])
        /// The peer said goodbye.
        case closed
        case failed(DTLSFault)
    }

    /// When a flight that nobody answers goes out again: after `first`, then twice that, up to `most`.
    package struct Pace: Sendable {
        /// In microseconds, as OpenSSL counts.
        let first: UInt32
        let most: UInt32

        /// At most an hour each.
        package init(first: Duration, most: Duration) {
            self.first = Self.microseconds(first)
            self.most = Self.microseconds(most)
        }

        /// RFC 6347 section 4.2.4.1 says a second, and lets those who know better take less. Media
        /// peers are close, and a person waits. OpenSSL tries twelve times: 35 seconds.
        package static let media = Pace(first: .milliseconds(80), most: .seconds(5))

        private static func microseconds(_ duration: Duration) -> UInt32 {
            let limited = min(max(duration, .zero), .seconds(3_600)).components
            return UInt32(limited.seconds * 1_000_000 + limited.attoseconds / 1_000_000_000_000)
        }
    }

    /// What a whole handshake may take of the peer's bytes. With a chain of RSA certificates it takes
    /// eight thousand.
    package static let handshakeLimit = 64 << 10
    package static let patience = Duration.seconds(30)
    /// How long a doubt may last.
    package static let doubtPatience = Duration.seconds(5)
    /// What ``send(_:)`` takes: with everything around it, it still fits an Ethernet frame.
    package static let largestMessage = 1_400
    /// What ``receive(_:at:)`` takes: more than fits any frame on the way here.
    package static let largestDatagram = 2_048
    /// Messages that nobody took. More are lost; whoever sends over DTLS repeats what is.
    package static let mostMessages = 128

    /// The largest datagram of a handshake, without IP and UDP.
    static let flightMTU = 1_200
    private static let restarts = (most: 5, within: Duration.seconds(10))

    private enum State {
        case handshaking
        case unproved
        case established
        case closed
        case failed
    }

    // First, because it is nobody else's: the thread sanitizer takes what happens through it for changes of
    // the first thing that is stored here, and would find a context being changed by all who share it.
    nonisolated(unsafe) private let pipe: UnsafeMutablePointer<DatagramPipe>
    private let context: DTLSContext
    private let role: Role
    /// Nil while it has broken too often in too short a time.
    nonisolated(unsafe) private var ssl: OpaquePointer?
    private var state = State.handshaking
    private var events: [Event] = []
    private var eventsStart = 0

    private let birth: Instant
    private var retransmission: Instant?
    private var doubt: (fault: DTLSFault, end: Instant)?
    private var handshakeBytesLeft = handshakeLimit
    private var restartCount = 0
    private var restartsSince: Instant
    /// Has taken a piece of a hello, or said one.
    private var hasBegun = false

    /// The fingerprints come from the peer's description; leave them out if that has not come yet.
    package init(
        _ role: Role,
        _ context: DTLSContext,
        expecting fingerprints: [CertificateFingerprint] = [],
        pace: Pace = .media,
        at now: Instant
    ) throws(DTLSFault) {
        self.role = role
        self.context = context
        birth = now
        restartsSince = now
        retransmission = role == .client ? now : nil
        unsafe pipe = .allocate(capacity: 1)
        unsafe pipe.initialize(to: DatagramPipe(expecting: fingerprints, pace: pace))
        unsafe ssl = nil
        try makeConnection()
    }

    deinit {
        unsafe SSL_free(ssl)
        unsafe pipe.deinitialize(count: 1)
        unsafe pipe.deallocate()
    }

    /// Tells whose certificate the peer must have: one of these. Told again, as by a later
    /// description, it is asked again. An empty list changes nothing.
    package mutating func expect(_ fingerprints: [CertificateFingerprint]) {
        guard !fingerprints.isEmpty else { return }
        unsafe pipe.pointee.expected = fingerprints
        switch state {
        case .handshaking, .closed, .failed: break
        case .unproved, .established: prove()
        }
    }

    /// Takes one datagram whose first byte is from 20 to 63 (RFC 7983).
    package mutating func receive(_ datagram: Span<UInt8>, at now: Instant) {
        // Nothing at all would be the end of the transport to OpenSSL.
        guard (1...Self.largestDatagram).contains(datagram.count) else { return }
        switch state {
        case .closed, .failed:
            return
        case .unproved, .established:
            guard takeBuffers() else { return }
            unsafe datagram.withUnsafeBytes { datagram in
                unsafe pipe.pointee.offered = datagram
                readMessages()
                unsafe pipe.pointee.offered = nil
            }
            freeBuffers()
        case .handshaking:
            let awaitsHello = role == .server && !hasBegun
            switch DTLSGate.judge(datagram, awaitsHello: awaitsHello) {
            case .drop: return
            case .alert(let number):
                suspect(.refusedByPeer(alert: alertName(of: CInt(number))), at: now)
                return
            case .pass: break
            }
            guard datagram.count <= handshakeBytesLeft else {
                fail(.handshakeTooLong(limit: Self.handshakeLimit))
                return
            }
            handshakeBytesLeft -= datagram.count
            unsafe datagram.withUnsafeBytes { datagram in
                unsafe pipe.pointee.offered = datagram
                shakeHands(at: now)
                unsafe pipe.pointee.offered = nil
            }
        }
    }

    /// When ``advance(to:)`` wants to be called, if nothing comes before.
    package var deadline: Instant? {
        switch state {
        case .handshaking, .unproved:
            var deadline = birth + Self.patience
            if let retransmission { deadline = min(deadline, retransmission) }
            if let doubt { deadline = min(deadline, doubt.end) }
            return deadline
        case .established, .closed, .failed:
            return nil
        }
    }

    /// Sends a flight again that is due, begins a client's handshake, gives up one that lasts too long.
    package mutating func advance(to now: Instant) {
        switch state {
        case .established, .closed, .failed: return
        case .handshaking, .unproved: break
        }
        if let doubt, now >= doubt.end {
            fail(doubt.fault)
            return
        }
        if now >= birth + Self.patience {
            fail(doubt?.fault ?? .timedOut(after: Self.patience))
            return
        }
        guard let due = retransmission, now >= due else { return }
        guard hasBegun, let ssl = unsafe ssl else {
            retransmission = nil
            shakeHands(at: now)
            return
        }
        OpenSSLQueue.clear()
        let result = unsafe OpenSSLMemory.attend(pipe) { unsafe roost_dtls_handle_timeout(ssl) }
        if result < 0 {
            OpenSSLQueue.clear()
            fail(doubt?.fault ?? .timedOut(after: now - birth))
            return
        }
        retransmission = nextRetransmission(after: now)
    }

    /// Puts the next datagram for the peer into the buffer, which should hold 1,500 bytes.
    package mutating func nextDatagram(into buffer: inout MutableSpan<UInt8>) -> Int? {
        unsafe pipe.pointee.next(into: &buffer)
    }

    package mutating func nextEvent() -> Event? {
        if case .unproved = state { return nil }
        guard eventsStart < events.count else { return nil }
        let event = events[eventsStart]
        eventsStart += 1
        if eventsStart == events.count {
            events = []
            eventsStart = 0
        }
        return event
    }

    /// Sends one message. False if the session is not established, the message is empty or too large,
    /// or too much waits to be sent already.
    package mutating func send(_ message: Span<UInt8>) -> Bool {
        guard case .established = state, let ssl = unsafe ssl,
            (1...Self.largestMessage).contains(message.count),
            unsafe pipe.pointee.waiting < DatagramPipe.mostDatagrams
        else { return false }
        guard takeBuffers() else { return false }
        OpenSSLQueue.clear()
        let isSent = unsafe message.withUnsafeBytes { message in
            var count = 0
            let result = unsafe SSL_write_ex(ssl, message.baseAddress, message.count, &count)
            return result == 1 && count == message.count
        }
        OpenSSLQueue.clear()
        freeBuffers()
        return isSent
    }

    /// Says goodbye. After it nothing more is sent nor heard, and no event tells of it.
    package mutating func close() {
        switch state {
        case .closed, .failed: return
        case .unproved, .established: sayGoodbye()
        case .handshaking: break
        }
        state = .closed
        (events, eventsStart) = ([], 0)
    }

    package var isEstablished: Bool {
        if case .established = state { true } else { false }
    }

    /// The size of the handshake's buffer, and how much of it takes memory; nil if it does not lie on pages of
    /// its own (``OpenSSLMemory``).
    package var handshakeBuffer: (size: Int, resident: Int)? {
        unsafe pipe.pointee.pages.map { ($0.count, $0.residentSize) }
    }
}

// What happens inside.
extension DTLSMachine {
    /// Makes OpenSSL's part, in place of the one before.
    private mutating func makeConnection() throws(DTLSFault) {
        freeConnection()
        OpenSSLQueue.clear()
        guard let new = unsafe SSL_new(context.pointer) else {
            throw .library(why: OpenSSLQueue.drain().sentence)
        }
        guard let method = unsafe datagramPipeMethod, let bio = unsafe BIO_new(method) else {
            unsafe SSL_free(new)
            throw .library(why: OpenSSLQueue.drain().sentence)
        }
        unsafe BIO_set_data(bio, pipe)
        unsafe BIO_set_init(bio, 1)
        unsafe SSL_set_bio(new, bio, bio)
        guard unsafe roost_dtls_set_mtu(new, Self.flightMTU) == 1 else {
            unsafe SSL_free(new)
            throw .library(why: OpenSSLQueue.drain().sentence)
        }
        unsafe DTLS_set_timer_cb(new, retransmissionTime)
        switch role {
        case .server: unsafe SSL_set_accept_state(new)
        case .client: unsafe SSL_set_connect_state(new)
        }
        unsafe ssl = new
    }

    private mutating func freeConnection() {
        unsafe OpenSSLMemory.attend(pipe) { unsafe SSL_free(ssl) }
        unsafe ssl = nil
        hasBegun = false
    }

    private mutating func shakeHands(at now: Instant) {
        if unsafe ssl == nil { restart(at: now) }
        guard let ssl = unsafe ssl else { return }
        hasBegun = true
        // A change of ciphers that comes before its turn makes OpenSSL stop in the midst of a datagram.
        for _ in 0..<16 {
            OpenSSLQueue.clear()
            let result = unsafe OpenSSLMemory.attend(pipe) { unsafe SSL_do_handshake(ssl) }
            if result == 1 {
                finish()
                return
            }
            guard unsafe SSL_get_error(ssl, result) == SSL_ERROR_WANT_READ else {
                stumble(OpenSSLQueue.drain(), at: now)
                return
            }
            guard unsafe SSL_has_pending(ssl) == 1 else { break }
        }
        retransmission = nextRetransmission(after: now)
    }

    private func nextRetransmission(after now: Instant) -> Instant? {
        guard let ssl = unsafe ssl else { return nil }
        let microseconds = unsafe roost_dtls_timeout(ssl)
        return microseconds < 0 ? nil : now + .microseconds(microseconds)
    }

    private mutating func finish() {
        state = .unproved
        retransmission = nil
        unsafe pipe.pointee.pages?.forget()
        readMessages()
        if case .unproved = state, unsafe !pipe.pointee.expected.isEmpty { prove() }
        freeBuffers()
    }

    /// Compares the peer's certificate with what is expected, and hands out the keys the first time.
    private mutating func prove() {
        guard let ssl = unsafe ssl else { return }
        let certificate = unsafe SSL_get0_peer_certificate(ssl)
        let expected = unsafe pipe.pointee.expected
        guard let certificate = unsafe certificate,
            expected.contains(where: { unsafe $0.matches(certificate) })
        else {
            let presented = unsafe certificate.flatMap {
                unsafe CertificateFingerprint(.sha256, of: $0)
            }
            // OpenSSL lets nobody send another alert once a handshake is done.
            sayGoodbye()
            fail(.wrongFingerprint(presented: presented))
            return
        }
        guard case .unproved = state else { return }
        guard let event = exportKeys() else {
            sayGoodbye()
            fail(.library(why: OpenSSLQueue.drain().sentence))
            return
        }
        state = .established
        doubt = nil
        // Before the messages that came while nobody knew from whom they were.
        events.insert(event, at: eventsStart)
    }

    private func exportKeys() -> Event? {
        guard let selected = unsafe SSL_get_selected_srtp_profile(ssl),
            let number = UInt16(exactly: unsafe selected.pointee.id),
            let profile = DTLSContext.Profile(rawValue: number)
        else { return .established(profile: 0, keyMaterial: []) }
        var keys = [UInt8](repeating: 0, count: profile.exportedSize)
        let label = "EXTRACTOR-dtls_srtp"
        OpenSSLQueue.clear()
        let isDone = unsafe SSL_export_keying_material(
            ssl,
            &keys,
            keys.count,
            label,
            label.utf8.count,
            nil,
            0,
            0
        )
        return isDone == 1 ? .established(profile: number, keyMaterial: keys) : nil
    }

    /// Reads the records of the datagram at hand. Those that are not authentic OpenSSL drops silently;
    /// it also answers a last flight that comes again.
    private mutating func readMessages() {
        guard let ssl = unsafe ssl else { return }
        unsafe withUnsafeTemporaryAllocation(byteCount: Self.largestDatagram, alignment: 16) {
            room in
            while true {
                var count = 0
                OpenSSLQueue.clear()
                let result = unsafe OpenSSLMemory.attend(pipe) {
                    unsafe SSL_read_ex(ssl, room.baseAddress, room.count, &count)
                }
                if result == 1 {
                    guard events.count - eventsStart < Self.mostMessages else { continue }
                    unsafe events.append(.message(Array(room.prefix(count))))
                    continue
                }
                switch unsafe SSL_get_error(ssl, result) {
                case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE:
                    if unsafe SSL_has_pending(ssl) == 1 { continue }
                case SSL_ERROR_ZERO_RETURN:
                    endByPeer()
                default:
                    fail(DTLSFault(OpenSSLQueue.drain()))
                }
                return
            }
        }
    }

    private mutating func endByPeer() {
        if case .unproved = state { (events, eventsStart) = ([], 0) }
        sayGoodbye()
        state = .closed
        events.append(.closed)
    }

    private func sayGoodbye() {
        guard takeBuffers() else { return }
        OpenSSLQueue.clear()
        unsafe SSL_shutdown(ssl)
        OpenSSLQueue.clear()
        freeBuffers()
    }

    /// Gives OpenSSL its buffers back before it is used. It would not take them itself before it
    /// writes, as it may at any time: an alert, a last flight again.
    private func takeBuffers() -> Bool {
        guard let ssl = unsafe ssl else { return false }
        return unsafe SSL_alloc_buffers(ssl) == 1
    }

    /// Of an idle session these two are 33 KB.
    private func freeBuffers() {
        if let ssl = unsafe ssl { unsafe SSL_free_buffers(ssl) }
    }

    private mutating func fail(_ fault: DTLSFault) {
        switch state {
        case .handshaking, .unproved: (events, eventsStart) = ([], 0)
        case .established, .closed, .failed: break
        }
        state = .failed
        retransmission = nil
        events.append(.failed(fault))
    }
}

// What is not authentic, and therefore not fatal.
extension DTLSMachine {
    /// OpenSSL gave up the handshake.
    private mutating func stumble(_ queue: OpenSSLQueue, at now: Instant) {
        if unsafe pipe.pointee.isRefused {
            let presented = unsafe pipe.pointee.presented
            fail(.wrongFingerprint(presented: presented))
            return
        }
        // What it would have said to the peer is an alert, which would end the honest one's attempt.
        unsafe pipe.pointee.discard()
        freeConnection()
        retransmission = nil
        suspect(DTLSFault(queue), at: now)
        restart(at: now)
    }

    private mutating func suspect(_ fault: DTLSFault, at now: Instant) {
        if doubt == nil { doubt = (fault, now + Self.doubtPatience) }
    }

    /// Makes OpenSSL's part anew, unless that has happened too often of late.
    private mutating func restart(at now: Instant) {
        if now >= restartsSince + Self.restarts.within {
            restartsSince = now
            restartCount = 0
        }
        guard restartCount < Self.restarts.most else { return }
        restartCount += 1
        do {
            try makeConnection()
            // As a client at once, for nobody else begins.
            retransmission = role == .client ? now : nil
        } catch {
            fail(error)
        }
    }
}

/// The words of RFC 5246 section 7.2 for an alert's number.
private func alertName(of number: CInt) -> String {
    guard let name = unsafe SSL_alert_desc_string_long(number) else { return "\(number)" }
    return unsafe String(cString: name)
}
