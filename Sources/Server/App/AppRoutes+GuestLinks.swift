internal import Basics
internal import Calls
internal import IO
internal import Identity
internal import Settings
internal import Wire

// Ways in for people without an account.
extension AppRoutes {
    func addGuestLinks(to router: inout Router) {
        let path = "/channels/{channel}/guest-links"
        on(.post, path, in: &router) { ask throws(AppFault) in try await make(ask) }
        on(.get, path, in: &router) { ask throws(AppFault) in try await list(ask) }
        on(.delete, path + "/{link_id}", in: &router) { ask throws(AppFault) in
            guard let id = Identifier(ask.text("link_id")) else { throw .notFound }
            try await links.revoke(id, in: ask.channel)
            return HTTPResponse(.noContent)
        }
        // For guests themselves, who have the link and nothing else.
        router.on(.post, Self.base + "/guest-links/redeem") { visit in
            guard desk.mayLogIn(from: visit.request.client) else { return .now(LoginDesk.tooMany) }
            return .later(bodyLimit: 16 << 10) { _, body in
                do throws(AppFault) {
                    return try await redeem(Ask(visit: visit, body: body))
                } catch {
                    return .fault(error.status, error.message)
                }
            }
        }
    }

    private func make(_ ask: Ask) async throws(AppFault) -> HTTPResponse {
        let body = try ask.object()
        let calls = settings.value.calls
        let longest = Int(calls.guestLinkLifetime.components.seconds)
        let seconds = try body.number("expires_in", 60...longest) ?? min(86_400, longest)
        let uses = try body.number("max_uses", 0...10_000) ?? 0
        let (link, token) = try await links.make(
            in: ask.channel,
            lasting: seconds,
            mostUses: uses,
            limit: calls.guestLinks
        )
        let site = settings.value.http.publicURL
        var response = HTTPResponse.json(.created) { json in
            link.write(to: &json, in: ask.channel)
            json.member("token", token)
            // After the hash, so that it is in no log of a proxy on the way.
            json.member("url", "\(site)/#guest=\(token)")
        }
        response.fields.append("cache-control", "no-store")
        return response
    }

    private func list(_ ask: Ask) async throws(AppFault) -> HTTPResponse {
        let page = try AppPage(ask)
        var start: Identifier?
        if let cursor = page.cursor {
            guard let id = Identifier(cursor) else { throw AppPage.badCursor }
            start = id
        }
        let all = try await links.list(ask.channel).sorted { $0.id < $1.id }
        let rest = all.drop { link in start.map { link.id <= $0 } ?? false }
        let shown = rest.prefix(page.limit)
        return .json { json in
            json.key("guest_links")
            json.beginArray()
            for link in shown {
                json.beginObject()
                link.write(to: &json, in: ask.channel)
                json.endObject()
            }
            json.endArray()
            let next = rest.count > shown.count ? shown.last?.id.description : nil
            json.member("next_cursor", next)
        }
    }

    /// Begins a session for a guest, in every way as a login does.
    private func redeem(_ ask: Ask) async throws(AppFault) -> HTTPResponse {
        let body = try ask.object()
        guard let token = try body.text("token", upTo: 128), !token.isEmpty,
            let name = try body.text("name", upTo: 64), !name.isEmpty
        else { throw AppFault(.unprocessableContent, "send the link's token, and a name") }
        let (guest, channel) = try await links.redeem(token, name: GuestName(name).text)
        do throws(LoginRefusal) {
            let begun = try await desk.begin(for: guest)
            var response = HTTPResponse.json(.created) { json in
                json.member("token", begun.token.revealedText)
                json.member("channel_id", channel.description)
                json.key("user")
                json.beginObject()
                Person(guest).write(to: &json)
                json.endObject()
            }
            LoginRoutes.hand(begun, to: &response, desk, isSecure: ask.visit.request.isSecure)
            return response
        } catch {
            throw AppFault(error.status, error.sentence)
        }
    }
}
