/// Where a setting's value came from, so that an operator knows which place to edit.
package enum Origin: Hashable, Sendable {
    case builtIn
    case file(line: Int)
    case environment(name: String)
}
