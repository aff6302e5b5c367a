import Calls

/// An id that is one character over and over, so that a test's reader can tell one from another.
func id<Kind>(_ character: Character) -> ID<Kind> {
    guard let id = ID<Kind>(String(repeating: character, count: 26)) else {
        preconditionFailure("an id has small letters and digits")
    }
    return id
}

/// The text of the id that ``id(_:)`` gives.
func letters(_ character: Character) -> String { String(repeating: character, count: 26) }
