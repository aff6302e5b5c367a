import Basics
import Crypto
import Testing

@Suite struct `A key of GCM` {
    static let libraries = [PacketCipher.Library.multiBuffer, .openSSL].filter(\.isAvailable)

    /// NIST's examples for GCM, as McGrew and Viega printed them: test cases 1, 2 and 14.
    @Test(arguments: libraries)
    func `encrypts as NIST prints it`(library: PacketCipher.Library) throws {
        let zeros = [UInt8](repeating: 0, count: 16)
        let nonce = PacketNonce(high: 0, low: 0)
        #expect(
            try seal([], zeros, nonce, [], library)
                == bytes(ofHex: "58e2fccefa7e3061367f1d57a4e7455a")
        )
        #expect(
            try seal(zeros, zeros, nonce, [], library)
                == bytes(ofHex: "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf")
        )
        #expect(
            try seal(zeros, zeros + zeros, nonce, [], library)
                == bytes(ofHex: "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")
        )
    }

    @Test(arguments: [16, 32], UInt64(0)..<10)
    func `makes the same of a packet whoever's code it is`(keySize: Int, seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        func noise(_ count: Int) -> [UInt8] {
            (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        let key = noise(keySize)
        for _ in 0..<20 {
            let text = noise(Int.random(in: 0...1_500, using: &random))
            let head = noise(Int.random(in: 0...90, using: &random))
            let nonce = PacketNonce(
                high: UInt64.random(in: 0...UInt64.max, using: &random),
                low: UInt64.random(in: 0...UInt64.max, using: &random)
            )
            let sealed = try Self.libraries.map { try seal(text, key, nonce, head, $0) }
            #expect(Set(sealed).count == 1)
            for library in Self.libraries {
                #expect(try open(sealed[0], key, nonce, head, library) == text)
                let other = PacketNonce(high: 1, low: 1)
                #expect(try open(sealed[0], key, other, head, library) == nil)
                #expect(try open(sealed[0], key, nonce, head + [0], library) == nil)
            }
        }
    }

    @Test(arguments: libraries, [0, 15, 17, 24, 33])
    func `has 16 bytes or 32`(library: PacketCipher.Library, count: Int) {
        let key = [UInt8](repeating: 0, count: count)
        #expect(throws: NotMade.self) {
            try seal([], key, PacketNonce(high: 0, low: 0), [], library)
        }
    }

    @Test func `says no where its library is not`() {
        let key = [UInt8](repeating: 0, count: 16)
        let isMade = GCMKey(key.span, library: .multiBuffer) != nil
        #expect(isMade == PacketCipher.Library.multiBuffer.isAvailable)
        #expect(PacketCipher.Library.openSSL.isAvailable)
        #expect(PacketCipher.Library.fastest.isAvailable)
        #expect(PacketCipher.Library.fastest.chosen != .fastest)
    }

    private struct NotMade: Error {}

    private func seal(
        _ text: [UInt8],
        _ key: [UInt8],
        _ nonce: PacketNonce,
        _ head: [UInt8],
        _ library: PacketCipher.Library
    ) throws -> [UInt8] {
        guard let key = GCMKey(key.span, library: library) else { throw NotMade() }
        var out = [UInt8](repeating: 0, count: text.count + 16)
        // A byte each, so that even nothing has an address.
        unsafe (text + [0]).withUnsafeBytes { source in
            unsafe (head + [0]).withUnsafeBytes { head in
                unsafe out.withUnsafeMutableBytes { out in
                    guard let source = source.baseAddress, let out = out.baseAddress,
                        let start = head.baseAddress
                    else { return }
                    unsafe key.seal(
                        source,
                        count: text.count,
                        into: out,
                        nonce: nonce,
                        head: start,
                        headCount: head.count - 1,
                        tag: out + text.count
                    )
                }
            }
        }
        return out
    }

    private func open(
        _ sealed: [UInt8],
        _ key: [UInt8],
        _ nonce: PacketNonce,
        _ head: [UInt8],
        _ library: PacketCipher.Library
    ) throws -> [UInt8]? {
        guard let key = GCMKey(key.span, library: library) else { throw NotMade() }
        var room = sealed
        let count = sealed.count - 16
        let isTheirs = unsafe (head + [0]).withUnsafeBytes { head in
            unsafe room.withUnsafeMutableBytes { room in
                guard let room = room.baseAddress, let start = head.baseAddress else {
                    return false
                }
                return unsafe key.open(
                    room,
                    count: count,
                    nonce: nonce,
                    head: start,
                    headCount: head.count - 1,
                    tag: room + count
                )
            }
        }
        return isTheirs ? Array(room[..<count]) : nil
    }
}
