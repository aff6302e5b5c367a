internal import Basics
internal import Calls
internal import IO
internal import Identity
internal import Store
internal import Wire

/// The Calls plugin's own API, at its paths, with its statuses and in its shapes.
///
/// Where it differs from the plugin's, it refuses more: dismissing needs the right to see the channel, and
/// no secret is shown in clear.
struct PluginRoutes: Sendable {
    static let base = "/plugins/com.mattermost.calls"

    let desk: LoginDesk
    let calls: any RunningCalls
    let store: any DurableStore
    let people: PersonBook
    let channels: ChannelNames
    let settings: CurrentSettings
    let log: Log

    /// A request of somebody who is known, and who does not ask too often.
    struct Ask: Sendable {
        let principal: Principal
        let visit: Visit
        let body: [UInt8]

        var person: PersonID { PersonID(principal.id) }

        /// The id at that place of the path; the route is not found if there is none.
        func id(_ name: String) -> Identifier? {
            visit.parameters[name].flatMap { Identifier($0) }
        }

        /// The body as JSON; nil for what isn't.
        var json: JSONValue? {
            do throws(JSONFault) {
                return try JSONValue(parsing: body.span)
            } catch {
                return nil
            }
        }

        func may(_ right: ChannelRights, in channel: ChannelID) -> Bool {
            principal.may(right, in: channel.identifier)
        }

        func authority(in channel: ChannelID) -> Authority {
            let isHostAnyway = principal.isAdmin || may(.moderate, in: channel)
            return Authority(person: person, isAdmin: isHostAnyway)
        }
    }

    func add(to router: inout Router) {
        addVersion(to: &router)
        addConfig(to: &router)
        addStatistics(to: &router)
        addHost(to: &router)
        addBot(to: &router)
        addCalls(to: &router)
        addChannels(to: &router)
    }

    /// Registers an answer for people who are logged in.
    func on(
        _ method: HTTPMethod,
        _ path: String,
        in router: inout Router,
        bodyLimit: Int = 1 << 20,
        budget: LoginDesk.Budget? = .calls,
        _ answer: @escaping @Sendable (Ask) async -> HTTPResponse
    ) {
        router.on(method, Self.base + path) { visit in
            let hasSoundIDs = visit.parameters.allSatisfy { name, text in
                !name.hasSuffix("_id") || Identifier(text) != nil
            }
            guard hasSoundIDs else { return .now(.nothingHere) }
            return desk.admit(visit, bodyLimit: bodyLimit, budget: budget) { caller, body in
                await answer(Ask(principal: caller.principal, visit: visit, body: body))
            }
        }
    }

    /// As ``on(_:_:in:bodyLimit:budget:_:)``, for paths with a channel's id in them.
    func onChannel(
        _ method: HTTPMethod,
        _ path: String,
        in router: inout Router,
        budget: LoginDesk.Budget? = .calls,
        _ answer: @escaping @Sendable (Ask, ChannelID) async -> HTTPResponse
    ) {
        on(method, path, in: &router, budget: budget) { ask in
            guard let id = ask.id("channel_id") else { return .nothingHere }
            return await answer(ask, ChannelID(id))
        }
    }

    private func addVersion(to router: inout Router) {
        let version = HTTPResponse.json { json in
            json.member("version", Version.protocolNumber)
            json.member("build", "")
        }
        router.on(.get, Self.base + "/version") { _ in .now(version) }
    }

    func storeFailed(_ what: String, _ fault: StoreFault) -> HTTPResponse {
        log.error(
            "a request met a store that failed",
            ["what": .string(what), "why": .error(fault)]
        )
        return .fault(.internalServerError, "\(what) failed; try again")
    }
}

extension HTTPResponse {
    static let success = json { json in
        json.member("message", "success")
        json.member("status_code", 200)
    }

    static let forbidden = fault(.forbidden, "Forbidden")

    /// A JSON answer that is an array.
    static func jsonArray(_ body: (inout JSONWriter) -> Void) -> HTTPResponse {
        var bytes: [UInt8] = []
        JSONWriter.append(to: &bytes) { writer in
            writer.beginArray()
            body(&writer)
            writer.endArray()
        }
        return .json(.ok, bytes)
    }
}
