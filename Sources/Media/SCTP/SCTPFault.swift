/// Why bytes are not an SCTP packet: the rule of RFC 9260 they break.
package enum SCTPFault: String, Error, Sendable, CustomStringConvertible {
    case header = "a packet has a common header of twelve bytes and at least one chunk"
    case checksum = "the checksum is that of the packet"
    case chunk = "a chunk has at least four bytes and ends before its packet does"

    package var description: String { rawValue }
}
