internal import Basics
internal import Calls
internal import IO
internal import Identity
internal import Settings
internal import Wire

/// As much of the chat server's API as clients of calls need: who somebody is, what they look like, what a
/// channel is called and who is in it.
///
/// There is no chat, and nothing is stored here. Channels exist as soon as somebody names them; members
/// are whoever is in the channel's call.
struct ChatRoutes: Sendable {
    static let base = "/api/v4"

    let desk: LoginDesk
    let calls: any RunningCalls
    let people: PersonBook
    let channels: ChannelNames
    let settings: CurrentSettings

    func add(to router: inout Router) {
        addServer(to: &router)
        addUsers(to: &router)
        addTeams(to: &router)
        addChannels(to: &router)
        addCommands(to: &router)
    }

    func on(
        _ method: HTTPMethod,
        _ path: String,
        in router: inout Router,
        _ answer: @escaping @Sendable (PluginRoutes.Ask) async -> HTTPResponse
    ) {
        router.on(method, Self.base + path) { visit in
            desk.admit(visit, bodyLimit: 64 << 10) { caller, body in
                await answer(
                    PluginRoutes.Ask(principal: caller.principal, visit: visit, body: body)
                )
            }
        }
    }

    // MARK: - The server

    private func addServer(to router: inout Router) {
        let alive = HTTPResponse.json { $0.member("status", "OK") }
        router.on(.get, Self.base + "/system/ping") { _ in .now(alive) }
        router.on(.get, Self.base + "/config/client") { _ in
            .now(
                .json { json in
                    json.member("Version", Version.number)
                    json.member("BuildNumber", "")
                    json.member("SiteName", "Roost")
                    json.member("SiteURL", settings.value.http.publicURL)
                    json.member("WebsocketURL", "")
                    json.member("EnableReliableWebSockets", "true")
                }
            )
        }
        router.on(.get, Self.base + "/license/client") { _ in
            .now(.json { $0.member("IsLicensed", "false") })
        }
    }

    // MARK: - Users

    private func addUsers(to router: inout Router) {
        on(.get, "/users/me/teams", in: &router) { _ in Self.teams }
        on(.get, "/users/me/teams/members", in: &router) { ask in
            .jsonArray { Self.writeTeamMember(ask.principal.id, to: &$0) }
        }
        on(.get, "/users/me/image", in: &router) { ask in
            Avatar(person: Person(ask.principal)).response
        }
        on(.post, "/users/ids", in: &router) { await users($0) }
        on(.get, "/users/username/{name}", in: &router) { ask in
            let name = ask.visit.parameters["name"] ?? ""
            let id = Identifier(naming: name, as: .person)
            guard let person = await people.find(id) else { return Self.nobody }
            return .json { person.write(to: &$0) }
        }
        on(.get, "/users/{user}", in: &router) { ask in
            guard let person = await person(ask) else { return Self.nobody }
            return .json { person.write(to: &$0) }
        }
        on(.get, "/users/{user}/image", in: &router) { ask in
            guard let person = await person(ask) else { return Self.nobody }
            return Avatar(person: person).response
        }
        on(.get, "/users/{user}/teams", in: &router) { _ in Self.teams }
        on(.get, "/users/{user}/status", in: &router) { ask in
            guard let person = await person(ask) else { return Self.nobody }
            return .json { json in
                json.member("user_id", person.id.description)
                json.member("status", "online")
                json.member("manual", false)
                json.member("last_activity_at", 0)
            }
        }
    }

    private static let nobody = HTTPResponse.fault(
        .notFound,
        "nobody of that id has been here; people are known once they have logged in"
    )

    private func person(_ ask: PluginRoutes.Ask) async -> Person? {
        let text = ask.visit.parameters["user"] ?? ""
        if text == "me" { return Person(ask.principal) }
        guard let id = Identifier(text) else { return nil }
        return id == ask.principal.id ? Person(ask.principal) : await people.find(id)
    }

    /// Those of a list whom we know, in its order.
    private func users(_ ask: PluginRoutes.Ask) async -> HTTPResponse {
        guard let list = ask.json?.array, list.count <= 1_000 else {
            return .fault(.badRequest, "send an array of at most 1000 ids")
        }
        var found: [Person] = []
        for entry in list {
            guard let id = entry.string.flatMap({ Identifier($0) }) else {
                return .fault(.badRequest, "an id has 26 small letters and digits")
            }
            if let person = await people.find(id) { found.append(person) }
        }
        return .jsonArray { json in
            for person in found {
                json.beginObject()
                person.write(to: &json)
                json.endObject()
            }
        }
    }

    // MARK: - The team

    private static let teams = HTTPResponse.jsonArray { json in
        json.beginObject()
        Team.write(to: &json)
        json.endObject()
    }

    private func addTeams(to router: inout Router) {
        let team = HTTPResponse.json { Team.write(to: &$0) }
        on(.get, "/teams", in: &router) { _ in Self.teams }
        on(.get, "/teams/name/{name}", in: &router) { ask in
            ask.visit.parameters["name"] == Team.name ? team : .nothingHere
        }
        on(.get, "/teams/{team_id}", in: &router) { ask in
            ask.id("team_id") == Team.id ? team : .nothingHere
        }
        // Everybody is in the team, so whoever is put there is there already.
        on(.post, "/teams/{team_id}/members", in: &router) { ask in
            guard ask.id("team_id") == Team.id else { return .nothingHere }
            guard let user = ask.json?["user_id"]?.string.flatMap({ Identifier($0) }) else {
                return .fault(.badRequest, "send user_id")
            }
            var bytes: [UInt8] = []
            JSONWriter.append(to: &bytes) { Self.writeTeamMember(user, to: &$0) }
            return .json(.created, bytes)
        }
    }

    private static func writeTeamMember(_ user: Identifier, to json: inout JSONWriter) {
        json.beginObject()
        json.member("team_id", Team.id.description)
        json.member("user_id", user.description)
        json.member("roles", "team_user")
        json.member("delete_at", 0)
        json.endObject()
    }
}
