internal import Basics
internal import Crypto
internal import Glibc
internal import IO

/// `roost cluster init`: the files by which nodes know each other.
struct ClusterCertificates {
    static let valued: Set<String> = ["dir", "days"]

    private struct Member {
        var name: String
        var addresses: [String]
    }

    private static let day: Int64 = 86_400
    private static let authorityDays: Int64 = 3_650
    /// Clocks of machines that have just started may be behind.
    private static let lateness: Int64 = 3_600

    private let folder: String
    private let days: Int64
    private let members: [Member]

    init(_ options: Options) throws(CommandFault) {
        folder = options.value("dir") ?? "certificates"
        let text = options.value("days") ?? "730"
        guard let days = Int64(text), (1...Self.authorityDays).contains(days) else {
            throw CommandFault(
                "--days \(text) is not a number of days from 1 to \(Self.authorityDays)",
                .usage
            )
        }
        self.days = days
        var members: [Member] = []
        for word in options.words.dropFirst() {
            let member = try Self.member(word)
            guard !members.contains(where: { $0.name == member.name }) else {
                throw CommandFault("\(member.name) is named twice; name each node once", .usage)
            }
            members.append(member)
        }
        guard !members.isEmpty else {
            throw CommandFault(
                "name the nodes, such as: roost cluster init node-1=10.0.0.1 node-2=10.0.0.2",
                .usage
            )
        }
        self.members = members
    }

    private static func member(_ word: String) throws(CommandFault) -> Member {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts.first ?? "")
        let isFileName =
            (1...63).contains(name.utf8.count) && name != "ca" && !name.hasPrefix(".")
            && !name.hasPrefix("-")
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
                    UInt8(ascii: "_"):
                    true
                default: false
                }
            }
        guard isFileName else {
            throw CommandFault(
                "\"\(name)\" can't name a node's files; use letters, digits, . - and _, not \"ca\"",
                .usage
            )
        }
        let addresses = parts.count == 2 ? parts[1].split(separator: ",").map(String.init) : []
        guard addresses.count <= 16 else {
            throw CommandFault("\(name) has more than 16 addresses; give those in use", .usage)
        }
        return Member(name: name, addresses: addresses)
    }

    func make() throws(CommandFault) -> ExitCode {
        try refuseOverwriting()
        if unsafe mkdir(folder, 0o700) != 0, errno != EEXIST {
            throw CommandFault(
                "\(SystemFault.last("make the folder \(folder)")); give another --dir"
            )
        }
        let now = Loop.readWallClock().seconds
        let earlier = try readAuthority()
        let authority = if let earlier { earlier } else { try makeAuthority(now) }
        for member in members {
            let issued = try issue(to: member, by: authority, now)
            try write(issued.keyPEM, member.name + ".key")
            try write(issued.certificatePEM, member.name + ".pem")
        }
        Terminal.say(report(until: min(now + days * Self.day, authority.notAfter)))
        return .fine
    }

    private func issue(
        to member: Member,
        by authority: CertificateAuthority,
        _ now: Int64
    ) throws(CommandFault) -> CertificateAuthority.Issued {
        var random = SecureRandom()
        do throws(KeyFault) {
            return try authority.issue(
                names: [member.name] + member.addresses,
                notBefore: now - Self.lateness,
                notAfter: now + days * Self.day,
                using: &random
            )
        } catch {
            throw CommandFault("\(member.name): \(error)")
        }
    }

    private func isThere(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

    /// Looks before anything is made, so that a mistake leaves nothing half done.
    private func refuseOverwriting() throws(CommandFault) {
        for member in members {
            for file in [path(member.name + ".pem"), path(member.name + ".key")]
            where isThere(file) {
                throw CommandFault(
                    "\(file) is there already; to renew it, move it away first, or give another --dir"
                )
            }
        }
    }

    private func readAuthority() throws(CommandFault) -> CertificateAuthority? {
        guard isThere(path("ca.pem")) || isThere(path("ca.key")) else {
            return nil
        }
        let certificate: [UInt8]
        let key: [UInt8]
        do throws(SystemFault) {
            certificate = try FileContent.read(path("ca.pem"))
            key = try FileContent.read(path("ca.key"))
        } catch {
            throw CommandFault("\(error); bring ca.pem and ca.key together, or give another --dir")
        }
        do throws(KeyFault) {
            return try CertificateAuthority(certificatePEM: certificate, keyPEM: key)
        } catch {
            throw CommandFault("the authority in \(folder) can't be used: \(error)")
        }
    }

    private func makeAuthority(_ now: Int64) throws(CommandFault) -> CertificateAuthority {
        var random = SecureRandom()
        let authority: CertificateAuthority
        do throws(KeyFault) {
            authority = try CertificateAuthority(
                name: "Roost cluster \(WallTime(seconds: now).rfc3339.prefix(10))",
                notBefore: now - Self.lateness,
                notAfter: now + Self.authorityDays * Self.day,
                using: &random
            )
        } catch {
            throw CommandFault("no authority could be made: \(error)")
        }
        try write(authority.keyPEM, "ca.key")
        try write(authority.certificatePEM, "ca.pem")
        return authority
    }

    private func write(_ bytes: [UInt8], _ name: String) throws(CommandFault) {
        do throws(SystemFault) {
            try PrivateFile.write(bytes, to: path(name))
        } catch {
            throw CommandFault("\(error); give another --dir")
        }
    }

    private func path(_ name: String) -> String { "\(folder)/\(name)" }

    private func report(until end: Int64) -> String {
        let date = WallTime(seconds: end).rfc3339.prefix(10)
        var text = """
            Made in \(folder): \(members.map(\.name).joined(separator: ", ")), until \(date).
            Keep ca.key away from the nodes: only `roost cluster init` needs it, for more of them.
            Each node gets ca.pem and its own two files, readable by its user alone, and these settings:

            """
        for member in members {
            text += """

                # \(member.name)
                [cluster]
                ca = "\(path("ca.pem"))"
                certificate = "\(path(member.name + ".pem"))"
                key = "\(path(member.name + ".key"))"

                """
        }
        text.removeLast()
        return text
    }
}
