internal import COpenSSL

/// Chance that nobody can foresee, from OpenSSL's generator, which the system seeds.
///
/// The shell hands it to quiet code as `using: &random`; tests hand in a `SeededRandom` instead.
package struct SecureRandom: RandomNumberGenerator, Sendable {
    /// How many words were drawn. Nobody asks; but a value of no size has no address either, and
    /// where one is passed `inout`, Swift 6.3 hands the thread sanitizer whatever the register holds.
    private var drawn: UInt64 = 0

    package init() {}

    package mutating func next() -> UInt64 {
        drawn &+= 1
        var word: UInt64 = 0
        unsafe withUnsafeMutableBytes(of: &word) { unsafe Self.fill($0) }
        return word
    }

    package static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        unsafe bytes.withUnsafeMutableBytes { unsafe fill($0) }
        return bytes
    }

    private static func fill(_ room: UnsafeMutableRawBufferPointer) {
        let bytes = unsafe room.bindMemory(to: UInt8.self)
        let isFilled = unsafe RAND_bytes(bytes.baseAddress, CInt(bytes.count)) == 1
        // Going on with keys that could be guessed would be worse than stopping.
        precondition(isFilled, "the system gives no entropy")
    }
}
