package import Basics

/// A login. Only the hash of its token is kept, so that reading the store lets nobody in.
package struct SessionRecord: Hashable, Sendable {
    package var tokenHash: [UInt8]
    /// Who is logged in, as JSON.
    package var principal: String
    package var expires: WallTime

    package init(tokenHash: [UInt8], principal: String, expires: WallTime) {
        self.tokenHash = tokenHash
        self.principal = principal
        self.expires = expires
    }
}
