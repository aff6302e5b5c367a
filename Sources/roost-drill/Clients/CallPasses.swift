internal import Crypto
internal import IO
internal import Identity

/// Signed tokens with which people may see one channel each, as an app gives them.
///
/// Whoever logs in under the provider `dev` sees every channel, and would hear of everybody who joins
/// any call.
struct CallPasses {
    /// What a node must be told to believe them.
    static let settings = """
        [identity]
        provider = "tokens"
        [[identity.keys]]
        id = "drill"
        algorithm = "HS256"
        secret = "\(secret)"
        """

    private static let secret = "known to whoever reads this, and good for nothing but measuring"
    private let maker: TokenMaker

    init() throws {
        try self.init(secret: [UInt8](Self.secret.utf8), named: "drill")
    }

    /// With a key that another node has.
    init(secret: [UInt8], named name: String) throws {
        maker = TokenMaker(key: try SigningKey(secret: secret.span), keyName: name)
    }

    func pass(for person: String, into channel: String) throws -> String {
        let now = Loop.readWallClock().seconds
        return try maker.mint(
            Token(
                subject: person,
                channels: [channel: [.read, .join, .start]],
                expires: now + 3_600,
                issued: now
            )
        )
    }
}
