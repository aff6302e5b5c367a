internal import Basics
internal import Wire

/// What a token claims: who comes, what they may do, and for how long (RFC 7519).
///
///     {"sub": "42", "name": "Ana", "exp": 1700000060, "iat": 1700000000,
///      "channels": {"night-owls": ["read", "join"], "*": ["read"]}}
package struct Token: Hashable, Sendable {
    /// The person, by the embedding app's name (`sub`).
    package var subject: String
    /// The name to show; the subject if there is none (`name`).
    package var name: String?
    /// Rights by the embedding app's names of channels (`channels`).
    package var channels: [String: ChannelRights]
    /// Rights in every channel that is not named (`*`).
    package var rightsElsewhere: ChannelRights
    package var isAdmin: Bool
    /// Comes to record or transcribe (`bot`).
    package var isBot: Bool
    package var issuer: String?
    package var audience: [String]
    /// Seconds since 1970, as are the next two.
    package var expires: Int64
    package var notBefore: Int64?
    package var issued: Int64?
    /// A name for this one token (`jti`).
    package var id: String?

    package init(
        subject: String,
        name: String? = nil,
        channels: [String: ChannelRights] = [:],
        rightsElsewhere: ChannelRights = [],
        isAdmin: Bool = false,
        isBot: Bool = false,
        issuer: String? = nil,
        audience: [String] = [],
        expires: Int64,
        notBefore: Int64? = nil,
        issued: Int64? = nil,
        id: String? = nil
    ) {
        self.subject = subject
        self.name = name
        self.channels = channels
        self.rightsElsewhere = rightsElsewhere
        self.isAdmin = isAdmin
        self.isBot = isBot
        self.issuer = issuer
        self.audience = audience
        self.expires = expires
        self.notBefore = notBefore
        self.issued = issued
        self.id = id
    }

    /// The person with rights by the ids of channels.
    package var principal: Principal {
        var rights: [Identifier: ChannelRights] = [:]
        for (name, these) in channels { rights[Identifier(naming: name, as: .channel)] = these }
        return Principal(
            id: Identifier(naming: subject, as: .person),
            username: subject,
            displayName: name ?? subject,
            isAdmin: isAdmin,
            isBot: isBot,
            provider: .token,
            rightsElsewhere: rightsElsewhere,
            rightsByChannel: rights
        )
    }
}

// MARK: - Claims

extension Token {
    static let everywhere = "*"

    /// Reads claims whose signature was found genuine.
    init(_ claims: JSONObject) throws(TokenFault) {
        let reader = ClaimReader(claims: claims)
        guard let subject = try reader.word("sub", longest: 128) else { throw .claimMissing("sub") }
        guard let expires = try reader.date("exp") else { throw .claimMissing("exp") }
        let (channels, elsewhere) = try reader.rights("channels")
        self.init(
            subject: subject,
            name: try reader.name("name"),
            channels: channels,
            rightsElsewhere: elsewhere,
            isAdmin: try reader.flag("admin"),
            isBot: try reader.flag("bot"),
            issuer: try reader.word("iss", longest: 256),
            audience: try reader.words("aud"),
            expires: expires,
            notBefore: try reader.date("nbf"),
            issued: try reader.date("iat"),
            id: try reader.word("jti", longest: 128)
        )
    }

    var claims: JSONObject {
        var claims = JSONObject()
        claims["iss"] = issuer.map { .string($0) }
        claims["sub"] = .string(subject)
        switch audience.count {
        case 0: break
        case 1: claims["aud"] = .string(audience[0])
        default: claims["aud"] = .array(audience.map { .string($0) })
        }
        claims["exp"] = .integer(expires)
        claims["nbf"] = notBefore.map { .integer($0) }
        claims["iat"] = issued.map { .integer($0) }
        claims["jti"] = id.map { .string($0) }
        claims["name"] = name.map { .string($0) }
        if isAdmin { claims["admin"] = .boolean(true) }
        if isBot { claims["bot"] = .boolean(true) }
        var rights = JSONObject()
        for (channel, these) in channels.sorted(by: { $0.key < $1.key }) {
            rights[channel] = .array(these.words.map { .string($0) })
        }
        if !rightsElsewhere.isEmpty {
            rights[Self.everywhere] = .array(rightsElsewhere.words.map { .string($0) })
        }
        if !rights.members.isEmpty { claims["channels"] = .object(rights) }
        return claims
    }
}

/// Reads claims one by one: absent is nil, anything that isn't what it should be is a fault.
private struct ClaimReader {
    var claims: JSONObject

    func word(_ name: String, longest: Int) throws(TokenFault) -> String? {
        guard let value = claims[name] else { return nil }
        guard let text = value.string, Self.isWord(text, longest: longest) else {
            throw .claimMalformed(
                name,
                rule: "a string of 1 to \(longest) bytes without control characters"
            )
        }
        return text
    }

    func words(_ name: String) throws(TokenFault) -> [String] {
        guard let value = claims[name] else { return [] }
        let words = value.array?.map(\.string) ?? [value.string]
        let found = words.compactMap { $0 }
        guard found.count == words.count, found.allSatisfy({ Self.isWord($0, longest: 256) }) else {
            throw .claimMalformed(name, rule: "a string or an array of strings")
        }
        return found
    }

    func name(_ name: String) throws(TokenFault) -> String? {
        guard let value = claims[name] else { return nil }
        guard let text = value.string else { throw .claimMalformed(name, rule: "a string") }
        do {
            return try PersonName(text).text
        } catch {
            throw .claimMalformed(name, rule: "a name (\(error))")
        }
    }

    func flag(_ name: String) throws(TokenFault) -> Bool {
        guard let value = claims[name] else { return false }
        guard let flag = value.boolean else { throw .claimMalformed(name, rule: "true or false") }
        return flag
    }

    /// A NumericDate (RFC 7519, section 2): seconds since 1970, whose fraction is dropped.
    func date(_ name: String) throws(TokenFault) -> Int64? {
        guard let value = claims[name] else { return nil }
        let year10000 = 253_402_300_800.0
        guard let number = value.number, number >= 0, number < year10000 else {
            throw .claimMalformed(name, rule: "a number of seconds since 1970")
        }
        return Int64(number)
    }

    func rights(
        _ name: String
    ) throws(TokenFault) -> (channels: [String: ChannelRights], elsewhere: ChannelRights) {
        var channels: [String: ChannelRights] = [:]
        var elsewhere: ChannelRights = []
        guard let value = claims[name] else { return (channels, elsewhere) }
        let rule = "an object of channels, each with an array of rights"
        guard let object = value.object else { throw .claimMalformed(name, rule: rule) }
        for member in object.members {
            guard let words = member.value.array, Self.isWord(member.name, longest: 128) else {
                throw .claimMalformed(name, rule: rule)
            }
            var rights: ChannelRights = []
            for word in words {
                guard let text = word.string else { throw .claimMalformed(name, rule: rule) }
                guard let right = ChannelRights(word: text) else { throw .unknownRight }
                rights.insert(right)
            }
            if member.name == Token.everywhere {
                elsewhere = rights
            } else {
                channels[member.name] = rights
            }
        }
        return (channels, elsewhere)
    }

    private static func isWord(_ text: String, longest: Int) -> Bool {
        (1...longest).contains(text.utf8.count) && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
    }
}
