/// A name that a person goes by: 1 to 64 bytes of what can be seen, in any script.
///
/// White space around it goes, and runs of it become one space. Refused are characters that can't be
/// seen or that reorder what follows them (controls, formats, private and unassigned ones), since a
/// name stands in lists and logs between the words of others.
package struct PersonName: Hashable, Sendable, CustomStringConvertible {
    package static let longest = 64

    package enum Fault: String, Error, Hashable, Sendable, CustomStringConvertible {
        case empty = "a name must have something to be seen"
        case tooLong = "a name must have at most 64 bytes in UTF-8"
        case strange = "a name must not have control, formatting, private or unassigned characters"

        package var description: String { rawValue }
    }

    /// As it was given, tidied.
    package let text: String
    package var description: String { text }

    package init(_ given: String) throws(Fault) {
        guard given.utf8.count <= Self.longest * 4 else { throw .tooLong }
        var tidy = ""
        var hasGap = false
        for scalar in given.unicodeScalars {
            if scalar.properties.isWhitespace {
                hasGap = true
                continue
            }
            switch scalar.properties.generalCategory {
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
                .paragraphSeparator:
                throw .strange
            default:
                break
            }
            if hasGap, !tidy.isEmpty { tidy.unicodeScalars.append(" ") }
            hasGap = false
            tidy.unicodeScalars.append(scalar)
        }
        guard !tidy.isEmpty else { throw .empty }
        guard tidy.utf8.count <= Self.longest else { throw .tooLong }
        text = tidy
    }

    /// The form in which names are compared: in small letters, with hyphens for spaces. "Ana Lee" and
    /// "ana lee" are one person.
    package var username: String {
        text.lowercased().split(separator: " ").joined(separator: "-")
    }
}
