internal import Basics
internal import Crypto
internal import IO
internal import Identity
internal import Server
internal import Settings

/// `roost token`: mints what lets somebody in, as the embedding application would.
enum TokenCommand: Command {
    static let name = "token"
    static let valued = SettingsSource.options.union([
        "user", "name", "channel", "rights", "expires", "key",
    ])
    static let flags: Set<String> = ["admin"]
    static let words = 0...2
    static let help = """
        roost token --user ID [--name NAME] [--channel ID=RIGHTS …] [--expires 1h]
        roost token key [HS256|ES256|EdDSA]    make a new key, and show where it goes

          --user ID           whom the token is for, in your application's own words
          --name NAME         what others see
          --channel ID=RIGHTS a channel and what may be done there: read,join,start,moderate,record;
                              ID alone means read,join,start; may be repeated
          --rights RIGHTS     what may be done in all other channels (nothing by default)
          --admin             may do everything everywhere
          --expires DURATION  90s, 10m, 1h (the default); at most identity.token_lifetime_max
          --key ID            which of identity.keys to sign with (the first by default)
        \(SettingsSource.help)

        Prints the token alone, so that TOKEN=$(roost token --user ada) works.
        Exit codes: 0 done, 1 no key to sign with, 2 not understood, 3 wrong settings.
        """

    static func run(_ options: Options) async throws(CommandFault) -> ExitCode {
        if let word = options.words.first {
            guard word == "key" else {
                throw CommandFault("there is no \"token \(word)\"; see roost token --help", .usage)
            }
            return try makeKey(options.words.dropFirst().first ?? "EdDSA")
        }
        let settings = try SettingsSource(options).read()
        guard let user = options.value("user"), !user.isEmpty else {
            throw CommandFault("whom is the token for? Give --user ID", .usage)
        }
        let declared = try key(options, settings)
        let signingKey: SigningKey
        do throws(NodeFault) {
            signingKey = try declared.signingKey()
        } catch {
            throw CommandFault(error.description)
        }
        let now = Loop.readWallClock().seconds
        let token = Token(
            subject: user,
            name: options.value("name"),
            channels: try channels(options),
            rightsElsewhere: try rights(options.value("rights") ?? ""),
            isAdmin: options.has("admin"),
            issuer: settings.identity.tokenIssuer.isEmpty ? nil : settings.identity.tokenIssuer,
            audience: settings.identity.tokenAudience.isEmpty
                ? [] : [settings.identity.tokenAudience],
            expires: now + (try lifetime(options, settings)),
            issued: now
        )
        do throws(KeyFault) {
            Terminal.say(try TokenMaker(key: signingKey, keyName: declared.id).mint(token))
            return .fine
        } catch {
            throw CommandFault("the token could not be signed: \(error.description)")
        }
    }

    private static func key(
        _ options: Options,
        _ settings: Settings
    ) throws(CommandFault) -> TokenKey {
        let keys = settings.identity.keys
        guard let id = options.value("key") else {
            if let first = keys.first { return first }
            throw CommandFault(
                "there is no key to sign with: identity.keys is empty; roost token key makes one"
            )
        }
        if let key = keys.first(where: { $0.id == id }) { return key }
        let known = keys.map(\.id).joined(separator: ", ")
        throw CommandFault("identity.keys has no \"\(id)\"; it has: \(known)")
    }

    private static func channels(
        _ options: Options
    ) throws(CommandFault) -> [String: ChannelRights] {
        var channels: [String: ChannelRights] = [:]
        for pair in options.all("channel") {
            let parts = pair.split(separator: "=", maxSplits: 1)
            guard let id = parts.first else {
                throw CommandFault("--channel needs an ID", .usage)
            }
            channels[String(id)] =
                parts.count == 2 ? try rights(String(parts[1])) : [.read, .join, .start]
        }
        return channels
    }

    private static func rights(_ text: String) throws(CommandFault) -> ChannelRights {
        var rights: ChannelRights = []
        for word in text.split(separator: ",") {
            guard let right = ChannelRights(word: String(word)) else {
                let known = ChannelRights.words.map(\.word).joined(separator: ", ")
                throw CommandFault("there is no right \"\(word)\"; there are: \(known)", .usage)
            }
            rights.formUnion(right)
        }
        return rights
    }

    private static func lifetime(
        _ options: Options,
        _ settings: Settings
    ) throws(CommandFault) -> Int64 {
        let text = options.value("expires") ?? "1h"
        guard let duration = DurationText.parse(text), duration >= .seconds(1) else {
            throw CommandFault("--expires \(text) is not a time such as 90s, 10m or 1h", .usage)
        }
        let most = settings.identity.tokenLifetimeMax
        guard duration <= most else {
            throw CommandFault(
                "--expires \(text) is longer than identity.token_lifetime_max, so no node would take "
                    + "the token; make it shorter",
                .usage
            )
        }
        return duration.components.seconds
    }

    /// Makes a key and shows what to put where. The private part is printed, and nowhere kept.
    private static func makeKey(_ name: String) throws(CommandFault) -> ExitCode {
        guard let algorithm = SignatureAlgorithm(rawValue: name) else {
            let known = SignatureAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFault("there is no algorithm \"\(name)\"; there are: \(known)", .usage)
        }
        do throws(KeyFault) {
            let key = try SigningKey(generating: algorithm)
            let secret = try key.exportPrivate().revealedText
            guard let open = try key.exportPublic() else {
                Terminal.say(
                    """
                    # Put this into roost.toml, and the secret into the application that signs.
                    [[identity.keys]]
                    id = "main"
                    algorithm = "\(name)"
                    secret = "\(secret)"
                    """
                )
                return .fine
            }
            Terminal.say(
                """
                # The private key stays with the application that signs:
                \(secret)
                # Every node needs the public key only. Save it as token.pub.pem, and put this into roost.toml:
                #   [[identity.keys]]
                #   id = "main"
                #   algorithm = "\(name)"
                #   public_key_file = "token.pub.pem"
                \(String(decoding: open, as: UTF8.self))
                """
            )
            return .fine
        } catch {
            throw CommandFault("no key could be made: \(error)")
        }
    }
}
