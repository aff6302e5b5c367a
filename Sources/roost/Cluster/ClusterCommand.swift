/// `roost cluster`: what concerns all nodes of one.
enum ClusterCommand: Command {
    static let name = "cluster"
    static let valued: Set<String> = SettingsSource.options.union(ClusterCertificates.valued)
    static let flags: Set<String> = []
    static let words = 1...65
    static let help = """
        roost cluster init [--dir DIR] [--days 730] NODE[=ADDRESS[,ADDRESS…]] …

        init makes an authority, if DIR has none yet, and a certificate and key for each NODE, by which
        the nodes know each other. Call NODE what node.name is there; the name, and each ADDRESS, stands
        in the certificate. Later ones for more nodes are made in the same DIR. Nothing is overwritten.

          --dir DIR           where to put them: ca.pem, ca.key, NODE.pem, NODE.key (certificates)
          --days DAYS         how long a node's certificate counts (730; the authority's, ten years)

        Exit codes: 0 done, 1 did not work, 2 not understood.
        """

    static func run(_ options: Options) async throws(CommandFault) -> ExitCode {
        switch options.words.first {
        case "init":
            return try ClusterCertificates(options).make()
        case let word:
            throw CommandFault(
                "there is no \"cluster \(word ?? "")\"; see roost cluster --help",
                .usage
            )
        }
    }
}
