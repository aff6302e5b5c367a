internal import COpenSSL

extension [UInt8] {
    /// Overwrites a key that was needed for a moment only, so that no later reader of this memory finds
    /// it. What has been copied elsewhere stays.
    package mutating func erase() {
        unsafe withUnsafeMutableBytes { bytes in
            unsafe OPENSSL_cleanse(bytes.baseAddress, bytes.count)
        }
        removeAll()
    }
}
