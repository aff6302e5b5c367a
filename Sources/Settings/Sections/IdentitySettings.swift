/// Who people are, and who says so.
package struct IdentitySettings: SectionKeys {
    package static let all = IdentitySettings()
    package static let name = "identity"
    package static let purpose = "Who people are, and who says so."

    package enum Provider: String, CaseIterable, Sendable {
        case dev
        case tokens
    }

    package let provider = Key(
        "identity.provider",
        .choice,
        default: Provider.dev,
        because: "\"dev\" believes any name, for trying things out on one machine. \"tokens\" "
            + "believes signed tokens (JWT) from your own application."
    )

    package let insecureDev = Key(
        "identity.insecure_dev",
        .flag,
        default: false,
        because: "Lets provider \"dev\" answer other machines: anyone who can reach the port can "
            + "then be anyone."
    )

    package let sessionLifetime = Key(
        "identity.session_lifetime",
        .time(.seconds(60) ... .seconds(365 * 86_400)),
        default: .seconds(30 * 86_400),
        isReloadable: true,
        because: "How long a login lasts without being used."
    )

    package let sessionsPerUser = Key(
        "identity.sessions_per_user",
        .whole(1...1_000),
        default: 20,
        isReloadable: true,
        because: "Logins of one person at once; the next one ends the oldest."
    )

    package let tokenIssuer = Key(
        "identity.token_issuer",
        .text(),
        default: "",
        isReloadable: true,
        because: "What a token's iss must be. Empty means anything."
    )

    package let tokenAudience = Key(
        "identity.token_audience",
        .text(),
        default: "",
        isReloadable: true,
        because: "What a token's aud must be or contain. Empty means anything; set it if the same "
            + "keys sign tokens for other services."
    )

    package let tokenLifetimeMax = Key(
        "identity.token_lifetime_max",
        .time(.seconds(10) ... .seconds(365 * 86_400)),
        default: .seconds(86_400),
        isReloadable: true,
        because: "The longest time from a token's iat to its exp. A shorter one makes a stolen "
            + "token worth less."
    )

    package let clockSkew = Key(
        "identity.clock_skew",
        .time(.zero ... .seconds(600)),
        default: .seconds(30),
        isReloadable: true,
        because: "How far the clocks of those who sign tokens may be from ours."
    )

    package let keys = Key(
        "identity.keys",
        .tokenKeys,
        default: [],
        isSecret: true,
        isReloadable: true,
        because: "The keys that tokens are signed with, by the token's kid. Several, so that a "
            + "new key can be handed out before the old one goes. One [[identity.keys]] each, with "
            + "id, algorithm (HS256, ES256, EdDSA), and for HS256 secret (at least 32 bytes) or "
            + "secret_file, else public_key_file (PEM); private_key_file is for `roost token`."
    )
}
