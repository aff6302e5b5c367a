internal import Identity

/// What a guest wants to be called, made into a name that may stand in lists: nobody is there to be told
/// which characters a name may have, so others are left out, and it is cut where it is too long.
struct GuestName {
    let text: String

    init(_ given: String) {
        var kept = ""
        // One that may not stand in a name is left out, whichever rule it breaks.
        for character in given
        where (try? PersonName(String(character))) != nil || character.isWhitespace {
            guard kept.utf8.count + character.utf8.count <= PersonName.longest else { break }
            kept.append(character)
        }
        let name = try? PersonName(kept)  // nothing is left of it
        text = name?.text ?? "Guest"
    }
}
