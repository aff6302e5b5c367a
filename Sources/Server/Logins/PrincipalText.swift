internal import Basics
internal import Identity
internal import Wire

/// A session as the store keeps it: everything but the token, of which there is only the hash.
///
/// Read leniently as to what is missing, strictly as to what is there: what a newer or damaged store
/// holds is no session, and its owner logs in again.
struct PrincipalText {
    static func write(_ session: Session) -> String {
        var bytes: [UInt8] = []
        JSONWriter.append(to: &bytes) { json in
            let principal = session.principal
            json.beginObject()
            json.member("id", principal.id.description)
            json.member("username", principal.username)
            json.member("name", principal.displayName)
            json.member("admin", principal.isAdmin)
            json.member("bot", principal.isBot)
            json.member("provider", principal.provider.rawValue)
            json.member("rights", Int(principal.rightsElsewhere.rawValue))
            json.key("channels")
            json.beginObject()
            for (channel, rights) in principal.rightsByChannel {
                json.member(channel.description, Int(rights.rawValue))
            }
            json.endObject()
            json.member("csrf", session.csrf.revealedText)
            json.member("began", session.began)
            json.endObject()
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func read(_ text: String, key: Session.Key, seen: Int64) -> Session? {
        let bytes = [UInt8](text.utf8)
        guard
            let json = try? JSONValue(parsing: bytes.span),  // damaged: not a session
            let id = json["id"]?.string.flatMap({ Identifier($0) }),
            let username = json["username"]?.string,
            let name = json["name"]?.string,
            let provider = json["provider"]?.string.flatMap(Principal.Provider.init(rawValue:)),
            let csrf = json["csrf"]?.string,
            let began = json["began"]?.integer
        else { return nil }
        var channels: [Identifier: ChannelRights] = [:]
        for member in json["channels"]?.object?.members ?? [] {
            guard let id = Identifier(member.name), let rights = Self.rights(member.value) else {
                return nil
            }
            channels[id] = rights
        }
        let principal = Principal(
            id: id,
            username: username,
            displayName: name,
            isAdmin: json["admin"]?.boolean ?? false,
            isBot: json["bot"]?.boolean ?? false,
            provider: provider,
            rightsElsewhere: Self.rights(json["rights"]) ?? [],
            rightsByChannel: channels
        )
        return Session(key: key, principal: principal, csrf: Secret(csrf), began: began, seen: seen)
    }

    private static func rights(_ value: JSONValue?) -> ChannelRights? {
        value?.integer.flatMap { UInt16(exactly: $0) }.map { ChannelRights(rawValue: $0) }
    }
}
