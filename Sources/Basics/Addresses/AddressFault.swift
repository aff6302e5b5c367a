/// Why a text is not an address or a network: the rule it breaks, and where.
package struct AddressFault: Error, Equatable, CustomStringConvertible {
    /// A sentence that says how it should be written.
    package var rule: String
    /// The byte at which the text stopped being an address.
    package var offset: Int

    package init(_ rule: String, at offset: Int) {
        self.rule = rule
        self.offset = offset
    }

    package var description: String { "\(rule) (byte \(offset))" }
}
