/// Why packed bytes can't be read.
package enum PackFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// They end before what they announce.
    case cutShort
    /// A number that fits no type of ours, or is written longer than it need be.
    case badNumber
    /// A text that is no UTF-8.
    case badText
    /// More elements than a list may have here.
    case tooMany(limit: Int)
    /// A case, a name or a value that the type doesn't have.
    case badValue(String)

    package var description: String {
        switch self {
        case .cutShort: "the message ends before what it announces"
        case .badNumber: "the message holds a number that can't be one"
        case .badText: "the message holds a text that is not UTF-8"
        case .tooMany(let limit): "the message holds a list of more than \(limit)"
        case .badValue(let what): "the message holds \(what), which is not known here"
        }
    }
}
