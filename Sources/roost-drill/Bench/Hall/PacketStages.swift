internal import Basics
internal import Crypto
internal import Glibc
internal import IO
internal import Media

/// What single stages of a packet's way take, each by itself and by the thread's clock: the cipher, both
/// ways, and the kernel's sending.
enum PacketStages {
    /// Nanoseconds a packet of so many bytes of payload takes to encrypt from elsewhere, and to decrypt where
    /// it lies.
    static func cipher(
        _ profile: SRTPProfile,
        payload: Int,
        rounds: Int
    ) throws -> (protect: Double, unprotect: Double) {
        let key = SRTPMasterKey(
            key: Secret([UInt8](repeating: 7, count: profile.keySize)),
            salt: Secret([UInt8](repeating: 9, count: profile.saltSize))
        )
        guard var sender = SRTPSender(profile, key), var receiver = SRTPReceiver(profile, key)
        else {
            throw DrillFault("this machine has no cipher for \(profile)")
        }
        let ssrc = SSRC(0x1234)
        let stride = (headerCount + payload + 16 + 63) & ~63
        var packets = [UInt8](repeating: 0, count: stride * packetsAtOnce)
        let source = [UInt8](repeating: 0x55, count: payload)
        var (protecting, opening) = (Duration.zero, Duration.zero)
        var size = 0
        var refused = 0
        for round in 0..<rounds {
            unsafe packets.withUnsafeMutableBytes { bytes in
                unsafe source.withUnsafeBytes { source in
                    guard let base = bytes.baseAddress, let text = source.baseAddress else {
                        return
                    }
                    for place in 0..<packetsAtOnce {
                        unsafe base.storeBytes(
                            of: 0x80,
                            toByteOffset: place * stride,
                            as: UInt8.self
                        )
                    }
                    let began = ProcessorTime.ofThread
                    for place in 0..<packetsAtOnce {
                        size = unsafe sender.protect(
                            base + place * stride,
                            headerCount: headerCount,
                            payload: text,
                            payloadCount: payload,
                            ssrc: ssrc,
                            index: UInt64(round * packetsAtOnce + place)
                        )
                    }
                    let between = ProcessorTime.ofThread
                    for place in 0..<packetsAtOnce {
                        let plain = unsafe receiver.unprotect(
                            base + place * stride,
                            count: size,
                            headerCount: headerCount,
                            ssrc: ssrc,
                            index: UInt64(round * packetsAtOnce + place)
                        )
                        if plain == nil { refused += 1 }
                    }
                    protecting += between - began
                    opening += ProcessorTime.ofThread - between
                }
            }
        }
        guard refused == 0 else { throw DrillFault("\(refused) packets of our own were refused") }
        let count = Double(rounds * packetsAtOnce)
        return (
            protect: protecting / .nanoseconds(1) / count,
            unprotect: opening / .nanoseconds(1) / count
        )
    }

    /// Nanoseconds a packet of so many bytes takes to be given to the kernel and delivered over the loopback,
    /// in runs of so many for one receiver, 64 receivers in turn. What they get is read outside of that.
    static func sending(size: Int, run: Int, rounds: Int) throws -> Double {
        let loop = try Loop(name: "bench")
        defer { loop.stop() }
        let sockets = try MediaSockets.bind(on: [.loopback], port: 0, loops: [loop])[0]
        let wells = try (0..<64).map { _ in
            try Socket.datagrams(on: SocketAddress(ip: .loopback, port: 0))
        }
        defer { for well in wells { close(well.descriptor) } }
        var batch = OutgoingBatch(capacity: 1 << 20, runLimit: 1_024)
        var spent = Duration.zero
        var read = 0
        for _ in 0..<rounds {
            for well in wells {
                let path = DatagramPath(remote: well.bound, local: 0)
                for _ in 0..<run {
                    guard let room = unsafe batch.room else {
                        throw DrillFault("a batch is too small")
                    }
                    unsafe room.initializeMemory(as: UInt8.self, repeating: 0x80, count: size)
                    batch.commit(count: size, to: path)
                }
            }
            let began = ProcessorTime.ofThread
            sockets.flush(&batch)
            spent += ProcessorTime.ofThread - began
            for well in wells { read += drain(well.descriptor) }
        }
        let count = rounds * wells.count * run
        guard read == count else { throw DrillFault("of \(count) packets \(read) were delivered") }
        return spent / .nanoseconds(1) / Double(count)
    }

    private static func drain(_ descriptor: Int32) -> Int {
        var byte: UInt8 = 0
        var count = 0
        while unsafe recv(descriptor, &byte, 1, Int32(MSG_DONTWAIT)) >= 0 { count += 1 }
        return count
    }

    private static let packetsAtOnce = 256
    private static let headerCount = 20
}
