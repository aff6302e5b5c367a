internal import Basics
internal import Calls
internal import IO
internal import Identity
internal import Settings
internal import Wire

// Calls that run, or are about to.
extension AppRoutes {
    func addCalls(to router: inout Router) {
        on(.get, "/calls", in: &router) { ask throws(AppFault) in try await list(ask) }
        on(.get, "/channels/{channel}/call", in: &router) { ask throws(AppFault) in
            guard let picture = await calls.picture(of: ask.channel, for: nil) else {
                throw .noCall
            }
            return .json { Self.write(picture, to: &$0) }
        }
        on(.post, "/channels/{channel}/call", in: &router) { ask throws(AppFault) in
            try await reserve(ask)
        }
        on(.delete, "/channels/{channel}/call", in: &router) { ask throws(AppFault) in
            let wasReserved = try await reservations.cancel(ask.channel)
            let wasRunning = await calls.end(ask.channel, .byApp)
            guard wasReserved || wasRunning else { throw .noCall }
            return HTTPResponse(.noContent)
        }
        on(.delete, "/channels/{channel}/call/people/{person}", in: &router) {
            ask throws(AppFault) in
            try await remove(ask)
        }
        on(.post, "/channels/{channel}/call/invitations", in: &router) { ask throws(AppFault) in
            try await invite(ask)
        }
    }

    /// Everybody's view, as an administrator of the node has it.
    private static let everywhere = Principal(
        id: Identifier(naming: "application", as: .person),
        username: "application",
        displayName: "application",
        isAdmin: true,
        provider: .token
    )

    private func list(_ ask: Ask) async throws(AppFault) -> HTTPResponse {
        let page = try AppPage(ask)
        var start: ChannelID?
        if let cursor = page.cursor {
            guard let channel = ChannelID(cursor) else { throw AppPage.badCursor }
            start = channel
        }
        let running = await calls.pictures(visibleTo: Self.everywhere)
        let rest = running.sorted { $0.0 < $1.0 }.drop { pair in start.map { pair.0 <= $0 } ?? false
        }
        let shown = rest.prefix(page.limit)
        let next = rest.count > shown.count ? shown.last?.0.description : nil
        return .json { json in
            json.key("calls")
            json.beginArray()
            for (_, picture) in shown {
                json.beginObject()
                Self.write(picture, to: &json)
                json.endObject()
            }
            json.endArray()
            json.member("next_cursor", next)
        }
    }

    static func write(_ picture: CallPicture, to json: inout JSONWriter) {
        let beginning = picture.beginning
        json.member("call_id", beginning.call.description)
        json.member("channel_id", beginning.channel.description)
        json.member("title", beginning.title)
        json.member("owner_id", beginning.owner.description)
        json.member("host_id", picture.host?.description)
        json.member("started_at", beginning.started.milliseconds)
        json.member("screen_sharing_session_id", picture.sharer?.description)
        json.key("participants")
        json.beginArray()
        for participant in picture.participants {
            json.beginObject()
            json.member("session_id", participant.id.description)
            json.member("user_id", participant.person.description)
            json.member("unmuted", !participant.isMuted)
            json.member("raised_hand_at", participant.handRaised)
            json.member("video", participant.hasVideo)
            json.endObject()
        }
        json.endArray()
    }

    private func reserve(_ ask: Ask) async throws(AppFault) -> HTTPResponse {
        let body = try ask.object()
        let title = try body.text("title", upTo: 128) ?? ""
        let seconds = try body.number("expires_in", 60...30 * 86_400) ?? 3_600
        guard await calls.picture(of: ask.channel, for: nil) == nil else {
            throw AppFault(.conflict, "a call runs in this channel already")
        }
        let reservation = Reservation(
            channel: ask.channel,
            title: title,
            until: WallTime(seconds: Loop.readWallClock().seconds + Int64(seconds))
        )
        try await reservations.add(reservation)
        let link = ChannelLink(reservation.channel, at: settings.value.http.publicURL)
        return .json(.created) { json in
            json.member("channel_id", reservation.channel.description)
            json.member("title", reservation.title)
            json.member("expires_at", reservation.until.milliseconds)
            json.member("url", link.text)
        }
    }

    /// Takes somebody out of the call, whom the application will have in the channel no more. Their tokens
    /// and logins are the application's to end; for this call they don't count.
    private func remove(_ ask: Ask) async throws(AppFault) -> HTTPResponse {
        let name = ask.text("person")
        guard Self.isChannelName(name) else { throw AppFault(.badRequest, Self.personRule) }
        let person = PersonID(Identifier(naming: name, as: .person))
        guard let picture = await calls.picture(of: ask.channel, for: nil) else { throw .noCall }
        guard picture.participants.contains(where: { $0.person == person }) else {
            throw AppFault(.notFound, "nobody of that name is in the call")
        }
        guard await calls.expel(person, from: ask.channel) else { throw .noCall }
        return HTTPResponse(.noContent)
    }

    private static let personRule =
        "somebody is named by their id, or by the application's name for them: 1 to 128 letters, "
        + "digits and . _ : @ -, a letter or digit first"

    /// Has the clients of some people ring, as if the call began just now.
    private func invite(_ ask: Ask) async throws(AppFault) -> HTTPResponse {
        let body = try ask.object()
        guard let list = body["user_ids"]?.array, (1...100).contains(list.count) else {
            throw AppFault(.unprocessableContent, "user_ids is an array of 1 to 100 ids")
        }
        var invited: [PersonID] = []
        for entry in list {
            guard let text = entry.string, (1...128).contains(text.unicodeScalars.count)
            else {
                throw AppFault(.unprocessableContent, "a user's id or name has 1 to 128 characters")
            }
            invited.append(PersonID(Identifier(naming: text, as: .person)))
        }
        guard let picture = await calls.picture(of: ask.channel, for: nil) else { throw .noCall }
        let host = picture.host ?? picture.beginning.owner
        for person in invited {
            let event = ServerEvent.callStart(picture.beginning, host: host)
            calls.announce(event, to: person)
        }
        return .json(.accepted) { json in
            json.member("call_id", picture.beginning.call.description)
            json.key("user_ids")
            json.beginArray()
            for person in invited { json.string(person.description) }
            json.endArray()
        }
    }
}

extension JSONObject {
    /// A text, or nil where there is none or null.
    func text(_ name: String, upTo limit: Int) throws(AppFault) -> String? {
        guard let value = self[name], !value.isNull else { return nil }
        guard let text = value.string, text.unicodeScalars.count <= limit else {
            throw AppFault(.unprocessableContent, "\(name) is text of at most \(limit) characters")
        }
        return text
    }

    /// A whole number, or nil where there is none or null.
    func number(_ name: String, _ range: ClosedRange<Int>) throws(AppFault) -> Int? {
        guard let value = self[name], !value.isNull else { return nil }
        let isWhole = value.number.map { $0.rounded(.towardZero) == $0 } ?? false
        guard isWhole, let number = value.number.flatMap({ Int(exactly: $0) }),
            range.contains(number)
        else {
            throw AppFault(
                .unprocessableContent,
                "\(name) is a whole number from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return number
    }
}
