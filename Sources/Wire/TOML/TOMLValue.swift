/// One value of a TOML document and where it stands.
///
/// Dates and times are checked and kept as the text that was written: no setting of ours is one, and
/// a calendar isn't worth having for that.
package struct TOMLValue: Hashable, Sendable {
    package enum Content: Hashable, Sendable {
        case string(String)
        case integer(Int64)
        case float(Double)
        case boolean(Bool)
        case dateTime(String)
        case array([TOMLValue])
        case table(TOMLTable)
    }

    package var content: Content
    package var position: TOMLPosition

    package init(_ content: Content, at position: TOMLPosition) {
        self.content = content
        self.position = position
    }

    package var string: String? {
        guard case .string(let value) = content else { return nil }
        return value
    }

    package var integer: Int64? {
        guard case .integer(let value) = content else { return nil }
        return value
    }

    package var float: Double? {
        guard case .float(let value) = content else { return nil }
        return value
    }

    package var boolean: Bool? {
        guard case .boolean(let value) = content else { return nil }
        return value
    }

    package var dateTime: String? {
        guard case .dateTime(let value) = content else { return nil }
        return value
    }

    package var array: [TOMLValue]? {
        guard case .array(let values) = content else { return nil }
        return values
    }

    package var table: TOMLTable? {
        guard case .table(let table) = content else { return nil }
        return table
    }
}
