internal import COpenSSL

extension [UInt8] {
    /// Compares secrets in a time that depends on their length alone, so that a guess learns nothing
    /// from how soon it is refused.
    package func isEqualInConstantTime(to other: [UInt8]) -> Bool {
        guard count == other.count else { return false }
        return unsafe withUnsafeBytes { mine in
            unsafe other.withUnsafeBytes { theirs in
                guard let mine = mine.baseAddress, let theirs = theirs.baseAddress else {
                    return true  // both empty: their lengths are equal
                }
                return unsafe CRYPTO_memcmp(mine, theirs, count) == 0
            }
        }
    }
}
