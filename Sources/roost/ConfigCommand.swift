internal import Settings

/// `roost config`: what is set, where, and whether it can be.
enum ConfigCommand: Command {
    static let name = "config"
    static let valued = SettingsSource.options
    static let flags: Set<String> = []
    static let words = 0...1
    static let help = """
        roost config            print the settings in effect, and where each came from
        roost config check      say whether they are right, and everything that is wrong
        roost config reference  print every setting with its default and its reason

        \(SettingsSource.help)

        Secrets are masked. Exit codes: 0 right, 2 not understood, 3 wrong settings.
        """

    static func run(_ options: Options) async throws(CommandFault) -> ExitCode {
        switch options.words.first {
        case nil:
            Terminal.say(try SettingsSource(options).read().text)
        case "check":
            Terminal.say(try SettingsSource(options).read().report)
        case "reference":
            Terminal.say(Settings.reference)
        case let word?:
            throw CommandFault("there is no \"config \(word)\"; see roost config --help", .usage)
        }
        return .fine
    }
}
