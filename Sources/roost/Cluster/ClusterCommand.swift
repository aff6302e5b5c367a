internal import Basics
internal import Server
internal import Settings

/// `roost cluster`: what concerns all nodes of one.
enum ClusterCommand: Command {
    static let name = "cluster"
    static let valued: Set<String> = SettingsSource.options
        .union(ClusterCertificates.valued).union(ClusterDoor.valued)
    static let flags: Set<String> = ["json", "no-wait"]
    static let words = 1...65
    static let help = """
        roost cluster status                 the nodes, and what is wrong
        roost cluster calls                  the calls, and how each came to its node
        roost cluster why CHANNEL            why the channel's call is where it is
        roost cluster drain NODE [--no-wait] give the node's calls to others, and no new ones to it
        roost cluster undrain NODE           let it take calls again
        roost cluster move CHANNEL NODE      give one call to that node
        roost cluster token                  print what lets you do this from elsewhere
        roost cluster init NODE[=ADDRESS[,ADDRESS…]] …

        Any node answers for all. The one of the settings is asked, at its metrics.listen, where a browser
        finds the same at /cluster. A CHANNEL is named as people name it, or by its id.

          --at URL            ask the node there, such as http://10.0.0.2:8067
          --token TOKEN       what `roost cluster token` prints (the settings' own, if they have a secret)
          --json              print what the node says, for scripts (status, calls, why)
          --no-wait           do not wait until the node hosts no calls (drain)
        \(SettingsSource.help)

        init makes an authority, if DIR has none yet, and a certificate and key for each NODE, by which
        the nodes know each other. Call NODE what node.name is there; the name, and each ADDRESS, stands
        in the certificate. Later ones for more nodes are made in the same DIR. Nothing is overwritten.

          --dir DIR           where to put them: ca.pem, ca.key, NODE.pem, NODE.key (certificates)
          --days DAYS         how long a node's certificate counts (730; the authority's, ten years)

        Exit codes: 0 done, 1 did not work, 2 not understood, 3 wrong settings, 4 the cluster is not well
        (status).
        """

    static func run(_ options: Options) async throws(CommandFault) -> ExitCode {
        let verb = options.words.first ?? ""
        let words = Array(options.words.dropFirst())
        switch verb {
        case "init": return try ClusterCertificates(options).make()
        case "token":
            try expect(0, of: words, "cluster token takes no more words")
            return try sayToken(options)
        case "status":
            try expect(0, of: words, "cluster status takes no more words")
            return try await ClusterStatus.run(ClusterDoor(options), asJSON: options.has("json"))
        case "calls":
            try expect(0, of: words, "cluster calls takes no more words")
            return try await ClusterCalls.list(ClusterDoor(options), asJSON: options.has("json"))
        case "why":
            try expect(1, of: words, "say which call: roost cluster why CHANNEL")
            return try await ClusterCalls.explain(
                words[0],
                ClusterDoor(options),
                asJSON: options.has("json")
            )
        case "drain":
            try expect(1, of: words, "say which node: roost cluster drain NODE")
            let door = try ClusterDoor(options)
            return try await ClusterDrain.run(words[0], door, waits: !options.has("no-wait"))
        case "undrain":
            try expect(1, of: words, "say which node: roost cluster undrain NODE")
            return try await wish("undrain", [("node", words[0])], options)
        case "move":
            try expect(2, of: words, "say what goes where: roost cluster move CHANNEL NODE")
            return try await wish("move", [("channel", words[0]), ("node", words[1])], options)
        default:
            throw CommandFault(
                "there is no \"cluster \(verb)\"; see roost cluster --help",
                .usage
            )
        }
    }

    private static func expect(
        _ count: Int,
        of words: [String],
        _ advice: String
    ) throws(CommandFault) {
        guard words.count == count else { throw CommandFault(advice, .usage) }
    }

    private static func wish(
        _ verb: String,
        _ members: [(String, String)],
        _ options: Options
    ) async throws(CommandFault) -> ExitCode {
        Terminal.say(try await ClusterDoor(options).wish(verb, members))
        return .fine
    }

    private static func sayToken(_ options: Options) throws(CommandFault) -> ExitCode {
        let settings = try SettingsSource(options).read()
        guard let token = AdminToken(of: settings.cluster.secret) else {
            throw CommandFault(
                """
                these settings have no cluster.secret to derive a token from; without one, nodes are \
                asked on their own machines
                """
            )
        }
        Terminal.say(token.secret.revealedText)
        return .fine
    }
}
