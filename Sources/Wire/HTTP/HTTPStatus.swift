/// The three digits of a response's status line (RFC 9110 section 15).
package struct HTTPStatus: RawRepresentable, Hashable, Sendable {
    package var rawValue: UInt16

    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }
}
