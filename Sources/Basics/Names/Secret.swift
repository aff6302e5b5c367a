/// A token, key or password, which no log, error, dump or debugger line will show.
///
/// Every way Swift has of turning a value into text answers with the same eight stars, whatever the
/// secret's length. To use one, ask for what is revealed; the word is there to be searched for.
package struct Secret: Sendable {
    /// The secret itself. Use it at once, and keep it nowhere else.
    package let revealed: [UInt8]

    /// What is shown in its place.
    package static let mask = "********"

    package init(_ bytes: [UInt8]) {
        revealed = bytes
    }

    package init(_ text: String) {
        revealed = Array(text.utf8)
    }

    /// The secret as text; bytes that are no UTF-8 come out as replacement characters.
    package var revealedText: String { String(decoding: revealed, as: UTF8.self) }

    package var isEmpty: Bool { revealed.isEmpty }
}

extension Secret: Equatable {
    /// Compares in a time that depends on the lengths alone.
    package static func == (lhs: Secret, rhs: Secret) -> Bool {
        guard lhs.revealed.count == rhs.revealed.count else { return false }
        var difference: UInt8 = 0
        for index in lhs.revealed.indices {
            difference |= lhs.revealed[index] ^ rhs.revealed[index]
        }
        return difference == 0
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { Secret.mask }
    package var debugDescription: String { Secret.mask }

    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
