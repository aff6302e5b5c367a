/// How much of everything one connection may ask us to hold. Each is checked before it is stored.
package struct HTTPLimits: Sendable {
    /// A head from its first byte to its last, both line ends included. At most 1 MiB.
    package var headBytes = 16 * 1024
    package var targetBytes = 8 * 1024
    package var methodBytes = 32
    /// How many field lines a head may have.
    package var fields = 64
    /// What ``HTTPRequestMachine/bodyLimit`` is for each request until it is set anew.
    package var bodyBytes: UInt64 = 64 * 1024
    /// The digits of a chunk's size. Sixteen are all that a size of 64 bits can need.
    package var chunkDigits = 16
    /// All lines after the last chunk. They are read, checked and dropped.
    package var trailerBytes = 2 * 1024
    package var trailerFields = 16

    package init() {}
}
