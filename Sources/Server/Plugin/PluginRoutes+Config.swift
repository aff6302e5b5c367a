internal import Basics
internal import IO
internal import Identity
internal import Settings
internal import Store
internal import Wire

// What clients must know before they call, and what administrators look at.
extension PluginRoutes {
    func addConfig(to router: inout Router) {
        on(.get, "/config", in: &router) { ask in
            let config = ClientConfig(settings: settings.value)
            return .json { config.write(to: &$0, forAdministrator: ask.principal.isAdmin) }
        }
        on(.get, "/env", in: &router) { ask in
            guard ask.principal.isAdmin else { return .forbidden }
            let settings = settings.value
            return .json { json in
                for (name, key) in ClientConfig.fields {
                    guard case .environment = settings.origin(of: key) else { continue }
                    let text = key.text(in: settings)
                    let isQuoted = text.count >= 2 && text.hasPrefix("\"") && text.hasSuffix("\"")
                    json.member(name, isQuoted ? String(text.dropFirst().dropLast()) : text)
                }
            }
        }
        on(.get, "/turn-credentials", in: &router) { turnCredentials($0) }
    }

    private func turnCredentials(_ ask: Ask) -> HTTPResponse {
        let settings = settings.value
        guard settings.makesTURNCredentials else {
            return .fault(
                .forbidden,
                "no TURN server takes made credentials; set media.turn_secret and a TURN server "
                    + "without credential in media.ice_servers"
            )
        }
        let minutes = Int64(settings.media.turnCredentialsMinutes)
        let credential = TURNCredential(
            for: ask.principal.username,
            until: Loop.readWallClock().seconds + minutes * 60,
            secret: settings.media.turnSecret
        )
        var response = HTTPResponse.jsonArray { json in
            for server in settings.media.iceServers where server.needsCredential {
                json.beginObject()
                server.writeURLs(to: &json)
                json.member("username", credential.username)
                json.member("credential", credential.password)
                json.endObject()
            }
        }
        response.fields.append("cache-control", "no-store")
        return response
    }

    func addStatistics(to router: inout Router) {
        on(.get, "/stats", in: &router) { ask in
            guard ask.principal.isAdmin else { return .forbidden }
            let (seconds, nanoseconds) = Loop.readWallClock()
            let now = WallTime(seconds: seconds, nanoseconds: Int32(nanoseconds))
            let statistics: CallStatistics
            do throws(StoreFault) {
                statistics = try await store.statistics(at: now)
            } catch {
                return storeFailed("counting calls", error)
            }
            return .json { json in
                json.member("total_calls", statistics.calls)
                json.member("total_active_calls", calls.callCount)
                json.member("total_active_sessions", calls.participantCount)
                Self.write("calls_by_day", statistics.callsByDay, to: &json)
                Self.write("calls_by_month", statistics.callsByMonth, to: &json)
                // To us all channels are alike; the chat server's word for that is "O", open.
                Self.write("calls_by_channel_type", [("O", statistics.calls)], to: &json)
                json.member("avg_duration", Int(statistics.meanSeconds.rounded()))
                json.member("avg_participants", Int(statistics.meanPeople.rounded()))
                json.member("avg_video_duration", statistics.meanVideoSeconds)
                json.member("total_video_duration", statistics.videoSeconds)
                json.member("total_video_calls", statistics.videoCalls)
                json.member("total_screen_share_calls", statistics.screenCalls)
                Self.write("recording_jobs_by_day", statistics.recordingsByDay, to: &json)
                Self.write("recording_jobs_by_month", statistics.recordingsByMonth, to: &json)
            }
        }
    }

    private static func write(
        _ name: String,
        _ counts: [(String, Int)],
        to json: inout JSONWriter
    ) {
        json.key(name)
        json.beginObject()
        for (label, count) in counts { json.member(label, count) }
        json.endObject()
    }
}
