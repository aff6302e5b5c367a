/// The members of a JSON object, in the order in which they were written, no two of one name.
///
/// Names are compared as Swift compares strings, so two spellings of one accented letter are one
/// name: stricter than RFC 8259, and what a reader's eye would say.
package struct JSONObject: Hashable, Sendable {
    package struct Member: Hashable, Sendable {
        package var name: String
        package var value: JSONValue

        package init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    package private(set) var members: [Member] = []

    package init() {}

    /// Takes members whose names the parser has already found to differ.
    init(unique members: [Member]) {
        self.members = members
    }

    /// The value of a member; setting it replaces the member in place, or adds it at the end, and
    /// setting nil removes it.
    package subscript(name: String) -> JSONValue? {
        get { members.first { $0.name == name }?.value }
        set {
            let place = members.firstIndex { $0.name == name }
            switch (place, newValue) {
            case (let place?, let value?): members[place].value = value
            case (let place?, nil): members.remove(at: place)
            case (nil, let value?): members.append(Member(name: name, value: value))
            case (nil, nil): break
            }
        }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    /// The last of two members of one name wins.
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        for (name, value) in elements { self[name] = value }
    }
}
