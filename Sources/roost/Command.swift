/// One verb of `roost`.
protocol Command {
    static var name: String { get }
    static var help: String { get }
    /// Options that take a value, and those that don't, without their dashes.
    static var valued: Set<String> { get }
    static var flags: Set<String> { get }
    /// How many words may stand beside the options.
    static var words: ClosedRange<Int> { get }

    static func run(_ options: Options) async throws(CommandFault) -> ExitCode
}

/// A command's arguments, told apart: `--name value` or `--name=value`, flags, and plain words.
struct Options {
    private var values: [String: [String]] = [:]
    private var flags: Set<String> = []
    private(set) var words: [String] = []
    private(set) var wantsHelp = false

    init(_ arguments: [String], of command: any Command.Type) throws(CommandFault) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            guard argument.hasPrefix("-"), argument != "-" else {
                words.append(argument)
                continue
            }
            if argument == "--help" || argument == "-h" {
                wantsHelp = true
                continue
            }
            let parts = argument.drop { $0 == "-" }.split(separator: "=", maxSplits: 1)
            let name = parts.first.map(String.init) ?? ""
            if command.flags.contains(name), parts.count == 1 {
                flags.insert(name)
            } else if command.valued.contains(name) {
                guard let value = parts.count == 2 ? String(parts[1]) : rest.popFirst() else {
                    throw CommandFault(
                        "--\(name) needs a value; see roost \(command.name) --help",
                        .usage
                    )
                }
                values[name, default: []].append(value)
            } else {
                throw CommandFault(
                    "roost \(command.name) has no option \(argument); see roost \(command.name) --help",
                    .usage
                )
            }
        }
        guard wantsHelp || command.words.contains(words.count) else {
            let what =
                words.isEmpty
                ? "wants a word more" : "does not take these words: \(words.joined(separator: " "))"
            throw CommandFault(
                "roost \(command.name) \(what); see roost \(command.name) --help",
                .usage
            )
        }
    }

    func has(_ flag: String) -> Bool { flags.contains(flag) }
    func value(_ name: String) -> String? { values[name]?.last }
    func all(_ name: String) -> [String] { values[name] ?? [] }
}
