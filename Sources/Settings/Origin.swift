/// Where a setting's value came from, so that an operator knows which place to edit.
package enum Origin: Hashable, Sendable {
    case builtIn
    case file(line: Int)
    case environment(name: String)
    case commandLine

    /// The place in words, given the file's name.
    package func text(file: String) -> String {
        switch self {
        case .builtIn: "built in"
        case .file(let line): "\(file) line \(line)"
        case .environment(let name): name
        case .commandLine: "command line"
        }
    }
}
