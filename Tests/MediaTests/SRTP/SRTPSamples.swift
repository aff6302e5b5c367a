import Basics
import Crypto
import Media
import Testing

/// One way to protect: a profile, and whose code does it.
struct SRTPWay: Sendable, CustomTestStringConvertible {
    var profile: SRTPProfile
    var library: PacketCipher.Library

    var testDescription: String { "\(profile), \(library)" }

    /// All of them, on this machine.
    static let all = SRTPProfile.allCases.flatMap { profile in
        PacketCipher.Library.own.map {
            SRTPWay(profile: profile, library: $0)
        }
    }

    struct NotMade: Error {}

    func sender(_ master: SRTPMasterKey, nextControlIndex: UInt32 = 0) throws -> SRTPSender {
        SRTPSender(
            profile,
            media: try key(master, .media),
            control: try key(master, .control),
            nextControlIndex: nextControlIndex
        )
    }

    /// By the session's keys themselves, for RTP and RTCP alike.
    func sender(
        _ key: [UInt8],
        _ authentication: [UInt8],
        _ salt: [UInt8],
        nextControlIndex: UInt32 = 0
    ) throws -> SRTPSender {
        SRTPSender(
            profile,
            media: try self.key(key, authentication, salt),
            control: try self.key(key, authentication, salt),
            nextControlIndex: nextControlIndex
        )
    }

    func receiver(
        _ key: [UInt8],
        _ authentication: [UInt8],
        _ salt: [UInt8]
    ) throws -> SRTPReceiver {
        SRTPReceiver(
            profile,
            media: try self.key(key, authentication, salt),
            control: try self.key(key, authentication, salt)
        )
    }

    private func key(
        _ key: [UInt8],
        _ authentication: [UInt8],
        _ salt: [UInt8]
    ) throws -> SRTPSessionKey {
        guard
            let key = SRTPSessionKey(
                profile,
                key: key.span,
                authentication: authentication.span,
                salt: salt,
                library: library
            )
        else { throw NotMade() }
        return key
    }

    private func key(
        _ master: SRTPMasterKey,
        _ kind: SRTPSessionKey.Kind
    ) throws -> SRTPSessionKey {
        guard let key = SRTPSessionKey(profile, master, kind, library: library) else {
            throw NotMade()
        }
        return key
    }

    func receiver(_ master: SRTPMasterKey) throws -> SRTPReceiver {
        guard let receiver = SRTPReceiver(profile, master, library: library) else {
            throw NotMade()
        }
        return receiver
    }
}

extension PacketCipher.Library {
    /// Those that this machine has.
    static var own: [PacketCipher.Library] {
        [.multiBuffer, .openSSL].filter(\.isAvailable)
    }
}

/// A packet of RTP with what may stand in its header, and all of it made up.
struct SampleRTP {
    var bytes: [UInt8]
    var headerCount: Int

    init(bytes: [UInt8], headerCount: Int) {
        self.bytes = bytes
        self.headerCount = headerCount
    }

    init(
        ssrc: SSRC,
        number: UInt16,
        payloadCount: Int,
        sources: Int = 0,
        extensionWords: Int? = nil,
        using random: inout some RandomNumberGenerator
    ) {
        bytes = [0x80 | UInt8(sources) | (extensionWords == nil ? 0 : 0x10), 96]
        bytes += [UInt8(number >> 8), UInt8(number & 0xFF)]
        bytes += SampleRTP.noise(4, using: &random)
        bytes += SampleRTP.word(ssrc.rawValue)
        bytes += SampleRTP.noise(4 * sources, using: &random)
        if let extensionWords {
            bytes += [0xBE, 0xDE, UInt8(extensionWords >> 8), UInt8(extensionWords & 0xFF)]
            bytes += SampleRTP.noise(4 * extensionWords, using: &random)
        }
        headerCount = bytes.count
        bytes += SampleRTP.noise(payloadCount, using: &random)
    }

    static func report(
        ssrc: SSRC,
        count: Int,
        using random: inout some RandomNumberGenerator
    ) -> [UInt8] {
        let words = count / 4
        return [0x80, 200, UInt8((words - 1) >> 8), UInt8((words - 1) & 0xFF)]
            + word(ssrc.rawValue) + noise(words * 4 - 8, using: &random)
    }

    static func noise(_ count: Int, using random: inout some RandomNumberGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    static func word(_ word: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * $0)) }
    }
}

extension SRTPMasterKey {
    static func made(
        for profile: SRTPProfile,
        using random: inout some RandomNumberGenerator
    ) -> SRTPMasterKey {
        SRTPMasterKey(
            key: Secret(SampleRTP.noise(profile.keySize, using: &random)),
            salt: Secret(SampleRTP.noise(profile.saltSize, using: &random))
        )
    }
}

// The same over arrays, for those who have time. Room beyond the packet is filled, and checked after.

private let filler: UInt8 = 0xA5

extension SRTPSender {
    mutating func protect(_ packet: SampleRTP, ssrc: SSRC, index: UInt64) -> [UInt8] {
        let payload = Array(packet.bytes[packet.headerCount...])
        var room = Array(packet.bytes[..<packet.headerCount])
        room += [UInt8](repeating: filler, count: payload.count + profile.tagSize + 8)
        let size = unsafe room.withUnsafeMutableBytes { room in
            unsafe payload.withUnsafeBytes { payload in
                guard let base = room.baseAddress else { return 0 }
                return unsafe protect(
                    base,
                    headerCount: packet.headerCount,
                    payload: payload.baseAddress ?? UnsafeRawPointer(base),
                    payloadCount: payload.count,
                    ssrc: ssrc,
                    index: index
                )
            }
        }
        precondition(room[size...].allSatisfy { $0 == filler }, "nothing is written beyond the end")
        return Array(room[..<size])
    }

    mutating func protectRTCP(_ packet: [UInt8], room spare: Int? = nil) -> [UInt8]? {
        let spare = spare ?? profile.controlOverhead
        var room = packet + [UInt8](repeating: filler, count: spare + 8)
        let size = unsafe room.withUnsafeMutableBytes { room -> Int? in
            guard let base = room.baseAddress else { return nil }
            return unsafe protectRTCP(base, count: packet.count, capacity: packet.count + spare)
        }
        guard let size else { return nil }
        precondition(room[size...].allSatisfy { $0 == filler }, "nothing is written beyond the end")
        return Array(room[..<size])
    }
}

extension SRTPReceiver {
    mutating func unprotect(
        _ packet: [UInt8],
        headerCount: Int,
        ssrc: SSRC,
        index: UInt64
    ) -> [UInt8]? {
        var room = packet + [filler]
        let size = unsafe room.withUnsafeMutableBytes { room -> Int? in
            guard let base = room.baseAddress else { return nil }
            return unsafe unprotect(
                base,
                count: packet.count,
                headerCount: headerCount,
                ssrc: ssrc,
                index: index
            )
        }
        precondition(room[packet.count] == filler, "nothing is written beyond the end")
        return size.map { Array(room[..<$0]) }
    }

    mutating func unprotectRTCP(_ packet: [UInt8]) -> [UInt8]? {
        var room = packet + [filler]
        let size = unsafe room.withUnsafeMutableBytes { room -> Int? in
            guard let base = room.baseAddress else { return nil }
            return unsafe unprotectRTCP(base, count: packet.count)
        }
        precondition(room[packet.count] == filler, "nothing is written beyond the end")
        return size.map { Array(room[..<$0]) }
    }
}
