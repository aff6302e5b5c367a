internal import Crypto
internal import Glibc

/// `roost`: one process, several verbs.
@main
enum Roost {
    static func main() {
        // Before any thread is started, so that all of them inherit it: signals come to one place.
        Signals.block()
        // Before anything is encrypted. Where it can't be, calls take more memory, and nothing else changes.
        _ = OpenSSLMemory.arrange()
        var arguments = CommandLine.arguments.dropFirst()
        let verb = arguments.popFirst() ?? "help"
        let rest = Array(arguments)
        Task.detached { exit((await run(verb, rest)).rawValue) }
        Signals.deliver()
    }

    private static func run(_ verb: String, _ arguments: [String]) async -> ExitCode {
        if verb == "doctor" { return DoctorVerb.run(arguments) }
        if verb == "guard" { return GuardVerb.run() }
        let command: (any Command.Type)? =
            switch verb {
            case "serve": ServeCommand.self
            case "config": ConfigCommand.self
            case "token": TokenCommand.self
            case "cluster": ClusterCommand.self
            case "version", "--version", "-v": VersionCommand.self
            default: nil
            }
        guard let command else {
            if ["help", "--help", "-h"].contains(verb) {
                Terminal.say(help)
                return .fine
            }
            Terminal.complain("there is no command \"\(verb)\"\n\n\(help)")
            return .usage
        }
        do throws(CommandFault) {
            let options = try Options(arguments, of: command)
            if options.wantsHelp {
                Terminal.say(command.help)
                return .fine
            }
            return try await command.run(options)
        } catch {
            Terminal.complain(error.description)
            return error.code
        }
    }

    private static let help = """
        roost: a backend for calls

          roost serve     run a node
          roost config    show the settings in effect, or check them
          roost token     mint a token that lets somebody in
          roost cluster   set up a cluster of nodes, and look after it
          roost doctor    find out what is wrong with this machine's set-up
          roost version   say which version this is

        roost COMMAND --help says more. Settings are in roost.toml (or --config FILE) and in the
        environment; cluster/config/roost.toml documents all of them.
        """
}

/// What a script may tell from how a command ended.
struct ExitCode: RawRepresentable, Sendable {
    var rawValue: Int32

    static let fine = ExitCode(rawValue: 0)
    /// What was asked for did not work.
    static let failed = ExitCode(rawValue: 1)
    /// The command was not understood.
    static let usage = ExitCode(rawValue: 2)
    /// The settings are wrong; nothing was tried.
    static let settings = ExitCode(rawValue: 3)
    /// What was looked at is not well.
    static let unwell = ExitCode(rawValue: 4)
}

struct CommandFault: Error, CustomStringConvertible {
    var description: String
    var code: ExitCode

    init(_ description: String, _ code: ExitCode = .failed) {
        self.description = description
        self.code = code
    }
}
