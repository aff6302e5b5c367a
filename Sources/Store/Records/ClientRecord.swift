/// A client program that has registered, and the hash of its key.
package struct ClientRecord: Hashable, Sendable {
    package var id: String
    package var keyHash: [UInt8]

    package init(id: String, keyHash: [UInt8]) {
        self.id = id
        self.keyHash = keyHash
    }
}
