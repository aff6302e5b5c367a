internal import Basics
internal import Calls
internal import IO
internal import Identity
internal import Wire

// What recorders and transcribers ask. Whatever needs a job says that nobody does any.
extension PluginRoutes {
    func addBot(to router: inout Router) {
        bot(.get, "/channels/{channel_id}", in: &router) { ask in
            guard let id = ask.id("channel_id") else { return .nothingHere }
            let channel = await channels.channel(ChannelID(id))
            return .json { channel.write(to: &$0) }
        }
        bot(.get, "/users/{user_id}/image", in: &router) { ask in
            guard let id = ask.id("user_id"), let person = await people.find(id) else {
                return .nothingHere
            }
            return Avatar(person: person).response
        }
        bot(.get, "/calls/{channel_id}/sessions/{session_id}/profile", in: &router) { ask in
            await profile(ask)
        }
        bot(.get, "/calls/{channel_id}/filename", in: &router) { ask in
            guard let id = ask.id("channel_id") else { return .nothingHere }
            let channel = await channels.channel(ChannelID(id))
            let now = Loop.readWallClock()
            let name = RecordingName(channel.displayName, at: WallTime(seconds: now.seconds))
            return .json { $0.member("filename", name.text) }
        }
        bot(.post, "/calls/{channel_id}/jobs/{job_id}/status", in: &router) { ask in
            guard let id = ask.id("channel_id") else { return .nothingHere }
            guard await calls.picture(of: ChannelID(id), for: nil) != nil else {
                return Self.noCall
            }
            return .fault(.badRequest, "no job ongoing")
        }
        for path in ["/uploads", "/uploads/{upload_id}"] {
            bot(.post, path, in: &router) { _ in Self.noJobService }
        }
        bot(.get, "/uploads/{upload_id}", in: &router) { _ in Self.noJobService }
        for path in ["recordings", "transcriptions"] {
            bot(.post, "/calls/{channel_id}/\(path)", in: &router) { _ in Self.noJobService }
        }
    }

    /// A route for the bot alone, who may ask as often as it likes.
    private func bot(
        _ method: HTTPMethod,
        _ path: String,
        in router: inout Router,
        _ answer: @escaping @Sendable (Ask) async -> HTTPResponse
    ) {
        on(method, "/bot" + path, in: &router, budget: nil) { ask in
            ask.principal.isBot ? await answer(ask) : .forbidden
        }
    }

    private func profile(_ ask: Ask) async -> HTTPResponse {
        guard let channel = ask.id("channel_id"), let session = ask.id("session_id") else {
            return .nothingHere
        }
        guard let picture = await calls.picture(of: ChannelID(channel), for: nil) else {
            return Self.noCall
        }
        let participant = picture.participants.first { $0.id.identifier == session }
        guard let participant, let person = await people.find(participant.person.identifier) else {
            return .fault(.notFound, "not found")
        }
        return .json { person.write(to: &$0) }
    }
}

/// What a recording's file is called: `Call_night-owls_2026-11-21_03-12-39`.
struct RecordingName {
    let text: String

    init(_ channel: String, at time: WallTime) {
        var name = ""
        for scalar in channel.unicodeScalars.prefix(24) {
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || "0"..."9" ~= scalar)
            let isKept = isPlain || scalar == "." || scalar == "_" || scalar == "-"
            name.unicodeScalars.append(isKept ? scalar : "_")
        }
        // 2026-11-21T03:12:39.123Z without what a file's name can't hold.
        let stamp = time.rfc3339.prefix(19).map { $0 == "T" ? "_" : $0 == ":" ? "-" : $0 }
        text = "Call_\(name)_\(String(stamp))"
    }
}
