/// A value kept under a key, and how often it has been written. The first version is 1.
package struct VersionedValue: Hashable, Sendable {
    package var bytes: [UInt8]
    package var version: Int64

    package init(bytes: [UInt8], version: Int64) {
        self.bytes = bytes
        self.version = version
    }
}
