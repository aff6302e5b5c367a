internal import Basics
internal import Calls
internal import IO
internal import Identity
internal import Settings
internal import Store
internal import Wire

// What participants and those who watch ask of a call.
extension PluginRoutes {
    func addCalls(to router: inout Router) {
        onChannel(.get, "/calls/{channel_id}/active", in: &router) { ask, channel in
            guard ask.may(.read, in: channel) || ask.principal.isBot else { return .forbidden }
            let isActive = await calls.picture(of: channel, for: ask.person) != nil
            return .json { $0.member("active", isActive) }
        }
        onChannel(.post, "/calls/{channel_id}/dismiss-notification", in: &router) { ask, channel in
            guard ask.may(.read, in: channel) else { return .forbidden }
            guard await calls.dismiss(channel, ask.person) else { return Self.noCall }
            return .success
        }
        onChannel(.post, "/calls/{channel_id}/end", in: &router) { ask, channel in
            await order(.endForAll, ask, channel)
        }
        onChannel(.post, "/calls/{channel_id}/recording/{action}", in: &router) { ask, channel in
            guard ["start", "stop"].contains(ask.visit.parameters["action"]) else {
                return .fault(.badRequest, "a recording can start or stop")
            }
            return recordingRefusal(ask, channel)
        }
        on(.post, "/logs/upload", in: &router, bodyLimit: 2 << 20) { await keepLog($0) }
        on(.post, "/cloud-notify-admins", in: &router) { _ in
            .fault(.badRequest, "not a cloud server")
        }
    }

    /// Carries out an order of a host's, and says what came of it.
    func order(_ order: HostOrder, _ ask: Ask, _ channel: ChannelID) async -> HTTPResponse {
        guard ask.may(.read, in: channel) else {
            return .fault(.badRequest, OrderRefusal.noPermission.rawValue)
        }
        switch await calls.order(order, in: channel, by: ask.authority(in: channel)) {
        case .done: return .success
        case .refused(let refusal): return .fault(.badRequest, refusal.rawValue)
        }
    }

    static let noCall = HTTPResponse.fault(.badRequest, OrderRefusal.noCall.rawValue)
    static let noJobService = HTTPResponse.fault(.forbidden, "Job service is not initialized")

    /// There is nobody who could record, whatever the settings say.
    private func recordingRefusal(_ ask: Ask, _ channel: ChannelID) -> HTTPResponse {
        guard ask.may(.read, in: channel) else { return .forbidden }
        guard settings.value.calls.enableRecordings else {
            return .fault(.forbidden, "Recordings are not enabled")
        }
        return Self.noJobService
    }

    /// Keeps what a client has written down about itself, for an administrator to read: the last one of
    /// each person, and the end of it where it is long. There is no chat to post it to.
    private func keepLog(_ ask: Ask) async -> HTTPResponse {
        guard let json = ask.json, let logs = json["logs"]?.string,
            let channel = json["channel_id"]?.string.flatMap({ ChannelID($0) }),
            json["team_id"]?.string.flatMap({ Identifier($0) }) != nil
        else {
            return .fault(.badRequest, "send logs, and the ids channel_id and team_id")
        }
        guard ask.may(.read, in: channel) else { return .forbidden }
        let end = [UInt8](logs.utf8).suffix(StoreLimits.document)
        let key = Self.logKey(of: ask.principal.id)
        do throws(StoreFault) {
            let version = try await store.value(of: key)?.version
            // Two at once of one person: either is their last.
            _ = try await store.write(Array(end), to: key, ifVersion: version)
        } catch {
            return storeFailed("storing the log", error)
        }
        log.info(
            "a client has sent its log",
            ["user": .string(ask.principal.id.description), "bytes": .int(logs.utf8.count)]
        )
        return .json { _ in }
    }

    static func logKey(of person: Identifier) -> String { "client-log/\(person)" }
}
