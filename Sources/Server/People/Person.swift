package import Basics
package import Identity
internal import Wire

/// Somebody as others see them: a name and a face, and no rights.
package struct Person: Hashable, Sendable {
    package var id: Identifier
    package var username: String
    package var displayName: String
    package var isAdmin: Bool
    package var isBot: Bool
    package var isGuest: Bool

    package init(_ principal: Principal) {
        id = principal.id
        username = principal.username
        displayName = principal.displayName
        isAdmin = principal.isAdmin
        isBot = principal.isBot
        isGuest = principal.provider == .guest
    }

    /// A user as the chat server's API shows one.
    func write(to json: inout JSONWriter) {
        json.member("id", id.description)
        json.member("username", username)
        json.member("nickname", displayName)
        json.member("first_name", displayName)
        json.member("last_name", "")
        json.member("email", "")
        json.member("roles", roles)
        json.member("is_bot", isBot)
        json.member("create_at", 0)
        json.member("update_at", 0)
        json.member("delete_at", 0)
    }

    private var roles: String {
        if isAdmin { return "system_user system_admin" }
        return isGuest ? "system_guest" : "system_user"
    }

    // MARK: - As the store keeps one

    var text: [UInt8] {
        var bytes: [UInt8] = []
        JSONWriter.append(to: &bytes) { json in
            json.beginObject()
            json.member("username", username)
            json.member("name", displayName)
            json.member("admin", isAdmin)
            json.member("bot", isBot)
            json.member("guest", isGuest)
            json.endObject()
        }
        return bytes
    }

    /// Nil where the store holds something else than we would have written.
    init?(_ id: Identifier, text: [UInt8]) {
        guard
            let json = try? JSONValue(parsing: text.span),  // damaged: nobody we know
            let username = json["username"]?.string,
            let name = json["name"]?.string
        else { return nil }
        self.id = id
        self.username = username
        displayName = name
        isAdmin = json["admin"]?.boolean ?? false
        isBot = json["bot"]?.boolean ?? false
        isGuest = json["guest"]?.boolean ?? false
    }
}
