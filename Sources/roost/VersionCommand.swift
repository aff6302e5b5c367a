internal import Server

/// `roost version`.
enum VersionCommand: Command {
    static let name = "version"
    static let valued: Set<String> = []
    static let flags: Set<String> = []
    static let words = 0...0
    static let help = "roost version: print this build's version and the protocol's"

    static func run(_ options: Options) async throws(CommandFault) -> ExitCode {
        Terminal.say("roost \(Version.number) (calls protocol \(Version.protocolNumber))")
        return .fine
    }
}
