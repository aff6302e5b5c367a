internal import Basics
internal import Calls
internal import IO
internal import Identity
internal import Wire

extension ChatRoutes {
    func addChannels(to router: inout Router) {
        // Ours: the id that a name stands for, so that people and scripts need not make it themselves.
        for path in ["/channels/name/{name}", "/teams/{team_id}/channels/name/{name}"] {
            on(.get, path, in: &router) { named($0, $0.visit.parameters["name"] ?? "") }
        }
        on(.get, "/channels", in: &router) { ask in
            let page = Page(ask.visit.request)
            let seen = channels.all.filter { ask.may(.read, in: $0.id) }
            return list(page.cut(seen))
        }
        on(.get, "/users/{user}/teams/{team_id}/channels", in: &router) { ask in
            list(channels.all.filter { ask.may(.read, in: $0.id) }.prefix(1_000))
        }
        on(.post, "/channels", in: &router) { ask in
            guard let name = ask.json?["name"]?.string else {
                return .fault(.badRequest, "send a name")
            }
            return named(ask, name, status: .created)
        }
        onChannel(.get, "/channels/{channel_id}", in: &router) { ask, id in
            let channel = await channels.channel(id)
            return .json { channel.write(to: &$0) }
        }
        onChannel(.get, "/channels/{channel_id}/members", in: &router) { ask, id in
            let page = Page(ask.visit.request)
            let members = page.cut(await members(ask, id))
            return .jsonArray { json in
                for member in members { Self.writeMember(member, id, to: &json) }
            }
        }
        onChannel(.get, "/channels/{channel_id}/members/{user}", in: &router) { ask, id in
            let text = ask.visit.parameters["user"]
            let user = text == "me" ? ask.principal.id : text.flatMap { Identifier($0) }
            let member = await members(ask, id).first { $0.id == user }
            guard let member else { return .nothingHere }
            return .json { Self.writeMembership(member, id, to: &$0) }
        }
        // Whoever may read a channel is in it; nobody is put there by being named.
        onChannel(.post, "/channels/{channel_id}/members", in: &router) { ask, id in
            let user = ask.json?["user_id"]?.string.flatMap { Identifier($0) }
            guard user == ask.principal.id else { return .forbidden }
            let member = Member(id: ask.principal.id, isModerator: ask.may(.moderate, in: id))
            return .json(.created) { Self.writeMembership(member, id, to: &$0) }
        }
    }

    private func onChannel(
        _ method: HTTPMethod,
        _ path: String,
        in router: inout Router,
        _ answer: @escaping @Sendable (PluginRoutes.Ask, ChannelID) async -> HTTPResponse
    ) {
        on(method, path, in: &router) { ask in
            guard let id = ask.id("channel_id") else { return .nothingHere }
            guard ask.principal.may(.read, in: id) else { return .forbidden }
            return await answer(ask, ChannelID(id))
        }
    }

    private func named(
        _ ask: PluginRoutes.Ask,
        _ name: String,
        status: HTTPStatus = .ok
    ) -> HTTPResponse {
        guard (1...128).contains(name.utf8.count) else {
            return .fault(.badRequest, "a channel's name has 1 to 128 bytes")
        }
        let id = Identifier(naming: name, as: .channel)
        guard ask.principal.may(.read, in: id) else { return .forbidden }
        let channel = channels.channel(named: name)
        return .json(status) { channel.write(to: &$0) }
    }

    private func list(_ channels: some Sequence<ChatChannel>) -> HTTPResponse {
        .jsonArray { json in
            for channel in channels {
                json.beginObject()
                channel.write(to: &json)
                json.endObject()
            }
        }
    }

    // MARK: - Members

    private struct Member {
        var id: Identifier
        var isModerator: Bool
    }

    /// The one who asks, and everybody who is in the channel's call.
    private func members(_ ask: PluginRoutes.Ask, _ channel: ChannelID) async -> [Member] {
        var members = [Member(id: ask.principal.id, isModerator: ask.may(.moderate, in: channel))]
        var seen: Set<Identifier> = [ask.principal.id]
        let picture = await calls.picture(of: channel, for: ask.person)
        for participant in picture?.participants ?? [] {
            let id = participant.person.identifier
            guard seen.insert(id).inserted else { continue }
            members.append(Member(id: id, isModerator: false))
        }
        return members
    }

    private static func writeMember(
        _ member: Member,
        _ channel: ChannelID,
        to json: inout JSONWriter
    ) {
        json.beginObject()
        writeMembership(member, channel, to: &json)
        json.endObject()
    }

    private static func writeMembership(
        _ member: Member,
        _ channel: ChannelID,
        to json: inout JSONWriter
    ) {
        json.member("channel_id", channel.description)
        json.member("user_id", member.id.description)
        json.member("roles", member.isModerator ? "channel_user channel_admin" : "channel_user")
        json.member("scheme_user", true)
        json.member("scheme_admin", member.isModerator)
        json.member("last_viewed_at", 0)
        json.member("msg_count", 0)
        json.member("mention_count", 0)
        json.member("last_update_at", 0)
        json.key("notify_props")
        json.beginObject()
        json.endObject()
    }

    /// Which part of a list is wanted, as chat clients ask: `page` from 0, `per_page` up to 200.
    private struct Page {
        let start: Int
        let count: Int

        init(_ request: HTTPRequest) {
            let query = request.head.query.map { QueryParameters($0) }
            count = min(max(query?.first("per_page").flatMap { Int($0) } ?? 60, 1), 200)
            let page = query?.first("page").flatMap { Int($0) } ?? 0
            start = min(max(page, 0), 1_000_000) * count
        }

        func cut<Element>(_ list: [Element]) -> ArraySlice<Element> {
            list.dropFirst(start).prefix(count)
        }
    }
}
