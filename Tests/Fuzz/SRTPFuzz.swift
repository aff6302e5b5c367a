import Basics
import Crypto
import Media

/// Nothing that was not made with the key is taken for the peer's; what was made with it comes back, and
/// nothing of it that is shorter, or bent. The first bytes choose profile, library and header size.
let fuzzSRTP: FuzzTarget = { bytes in
    guard bytes.count >= 4 else { return }
    let profile = SRTPProfile.allCases[Int(bytes[0]) % 3]
    let libraries = [PacketCipher.Library.multiBuffer, .openSSL].filter(\.isAvailable)
    let library = libraries[Int(bytes[0] >> 4) % libraries.count]
    let master = SRTPMasterKey(
        key: Secret([UInt8](repeating: 7, count: profile.keySize)),
        salt: Secret([UInt8](repeating: 8, count: profile.saltSize))
    )
    guard var sender = SRTPSender(profile, master, library: library),
        var receiver = SRTPReceiver(profile, master, library: library)
    else { preconditionFailure("keys can be made on this machine") }
    // Any number, those beyond the packet included.
    let headerCount = Int(Int8(bitPattern: bytes[1])) * 3
    let index = UInt64(bytes[2]) << 40 | UInt64(bytes[3])
    let packet = Array(bytes[4...])

    precondition(
        receiver.open(packet, headerCount: headerCount, index: index) == nil,
        "nobody made this"
    )
    precondition(receiver.openReport(packet) == nil, "nobody made this either")
    checkMedia(&sender, &receiver, packet, headerCount, index)
    checkReport(&sender, &receiver, packet, bytes[2])
}

private func checkMedia(
    _ sender: inout SRTPSender,
    _ receiver: inout SRTPReceiver,
    _ packet: [UInt8],
    _ headerCount: Int,
    _ index: UInt64
) {
    guard headerCount >= 12, headerCount <= packet.count else { return }
    let profile = sender.profile
    var room = packet + [UInt8](repeating: 0xAA, count: profile.tagSize + 1)
    let size = unsafe room.withUnsafeMutableBytes { room in
        guard let base = room.baseAddress else { return 0 }
        return unsafe sender.protect(
            base,
            headerCount: headerCount,
            payload: base + headerCount,
            payloadCount: packet.count - headerCount,
            ssrc: SSRC(1),
            index: index
        )
    }
    precondition(size == packet.count + profile.tagSize && room[size] == 0xAA)
    var sealed = Array(room[..<size])
    precondition(receiver.open(sealed, headerCount: headerCount, index: index) == packet)
    precondition(receiver.open(sealed, headerCount: headerCount, index: index ^ 1 << 16) == nil)
    let short = Array(sealed.dropLast())
    precondition(receiver.open(short, headerCount: headerCount, index: index) == nil)
    sealed[Int(index & 0xFF) % size] ^= 0x10
    precondition(receiver.open(sealed, headerCount: headerCount, index: index) == nil)
}

private func checkReport(
    _ sender: inout SRTPSender,
    _ receiver: inout SRTPReceiver,
    _ packet: [UInt8],
    _ place: UInt8
) {
    let overhead = sender.profile.controlOverhead
    var room = packet + [UInt8](repeating: 0xAA, count: overhead + 1)
    let size = unsafe room.withUnsafeMutableBytes { room -> Int? in
        guard let base = room.baseAddress else { return nil }
        return unsafe sender.protectRTCP(
            base,
            count: packet.count,
            capacity: packet.count + overhead
        )
    }
    guard let size else {
        precondition(packet.count < 8, "there was room")
        return
    }
    precondition(size == packet.count + overhead && room[size] == 0xAA)
    let sealed = Array(room[..<size])
    var bent = sealed
    bent[Int(place) % size] ^= 0x01
    precondition(receiver.openReport(bent) == nil && receiver.openReport(sealed.dropLast()) == nil)
    precondition(receiver.openReport(sealed) == packet)
    precondition(receiver.openReport(sealed) == nil, "once")
}

extension SRTPReceiver {
    fileprivate mutating func open(
        _ packet: [UInt8],
        headerCount: Int,
        index: UInt64
    ) -> [UInt8]? {
        var room = Array(packet) + [0xAA]
        let size = unsafe room.withUnsafeMutableBytes { room -> Int? in
            guard let base = room.baseAddress else { return nil }
            return unsafe unprotect(
                base,
                count: packet.count,
                headerCount: headerCount,
                ssrc: SSRC(1),
                index: index
            )
        }
        precondition(room[packet.count] == 0xAA, "nothing is written beyond the end")
        return size.map { Array(room[..<$0]) }
    }

    fileprivate mutating func openReport(_ packet: some Collection<UInt8>) -> [UInt8]? {
        var room = Array(packet) + [0xAA]
        let size = unsafe room.withUnsafeMutableBytes { room -> Int? in
            guard let base = room.baseAddress else { return nil }
            return unsafe unprotectRTCP(base, count: packet.count)
        }
        precondition(room[packet.count] == 0xAA, "nothing is written beyond the end")
        return size.map { Array(room[..<$0]) }
    }
}
