internal import Basics
internal import Calls
internal import IO
internal import Identity
internal import Settings
internal import Store
internal import Wire

/// What an application that embeds calls may ask and order, at /api/roost/v1; `/openapi.json` describes it.
///
/// For those who show one of the application's keys, or are administrators.
struct AppRoutes: Sendable {
    static let base = "/api/roost/v1"

    let desk: LoginDesk
    let calls: any RunningCalls
    let store: any DurableStore
    let people: PersonBook
    let channels: ChannelNames
    let links: GuestLinkDesk
    let reservations: Reservations
    let settings: CurrentSettings
    let budgets = KeyBudgets()
    let log: Log

    /// A request of the application's.
    struct Ask: Sendable {
        let visit: Visit
        let body: [UInt8]

        func text(_ name: String) -> String { visit.parameters[name] ?? "" }

        /// A channel by its id, or by the application's own name for it.
        var channel: ChannelID { ChannelID(Identifier(naming: text("channel"), as: .channel)) }

        var query: QueryParameters? { visit.request.head.query.map { QueryParameters($0) } }

        /// The body as an object. None at all is an empty one, unless there must be one.
        func object(isRequired: Bool = false) throws(AppFault) -> JSONObject {
            if body.isEmpty {
                guard isRequired else { return JSONObject() }
                throw AppFault(.badRequest, "send a JSON object")
            }
            let type = visit.request.head.fields.string("content-type") ?? ""
            let name = type.prefix { $0 != ";" }.lowercased()
            guard name.split(separator: " ").joined() == "application/json" else {
                throw AppFault(.unsupportedMediaType, "send application/json")
            }
            let value: JSONValue
            do throws(JSONFault) {
                value = try JSONValue(parsing: body.span)
            } catch {
                throw AppFault(.badRequest, "the body is not JSON: \(error)")
            }
            guard let object = value.object else {
                throw AppFault(.unprocessableContent, "the body is a JSON object")
            }
            return object
        }
    }

    func add(to router: inout Router) {
        addCalls(to: &router)
        addHistory(to: &router)
        addChannels(to: &router)
        addGuestLinks(to: &router)
    }

    func on(
        _ method: HTTPMethod,
        _ path: String,
        in router: inout Router,
        _ answer: @escaping @Sendable (Ask) async throws(AppFault) -> HTTPResponse
    ) {
        router.on(method, Self.base + path) { visit in
            if let channel = visit.parameters["channel"], !Self.isChannelName(channel) {
                return .now(.fault(.badRequest, Self.channelRule))
            }
            if let key = key(in: visit) {
                let rate = Double(settings.value.calls.apiRequestsPerSecond)
                guard budgets.take(key, perSecond: rate) else { return .now(LoginDesk.tooMany) }
                return .later(bodyLimit: Self.bodyLimit) { _, body in
                    await perform(Ask(visit: visit, body: body), answer)
                }
            }
            return desk.admit(visit, bodyLimit: Self.bodyLimit) { caller, body in
                guard caller.principal.isAdmin else {
                    return .fault(
                        .forbidden,
                        "this takes a key of calls.api_keys, or an administrator"
                    )
                }
                return await perform(Ask(visit: visit, body: body), answer)
            }
        }
    }

    private func perform(
        _ ask: Ask,
        _ answer: @Sendable (Ask) async throws(AppFault) -> HTTPResponse
    ) async -> HTTPResponse {
        do throws(AppFault) {
            return try await answer(ask)
        } catch {
            if let cause = error.cause {
                log.error("the application's request failed", ["why": .string(cause)])
            }
            return .fault(error.status, error.message)
        }
    }

    static let channelRule =
        "a channel is named by 1 to 128 letters, digits and . _ : @ -, a letter or digit first; "
        + "others go by their id"

    /// Narrower than what names may be elsewhere: it stands in paths, where much else has a meaning.
    static func isChannelName(_ text: String) -> Bool {
        let first = text.utf8.first.map(isLetterOrDigit) ?? false
        let marks = Array("._:@-".utf8)
        return first && text.utf8.count <= 128
            && text.utf8.allSatisfy { isLetterOrDigit($0) || marks.contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// Which of the application's keys is shown, by its place. Every key is compared, each in a time that
    /// tells nothing.
    private func key(in visit: Visit) -> Int? {
        let authorization = visit.request.head.fields.first("authorization")
        guard case .bearer(let token) = Credentials(authorization: authorization?.span, cookie: nil)
        else { return nil }
        var place: Int?
        for (index, key) in settings.value.calls.apiKeys.enumerated() where key == token {
            place = index
        }
        return place
    }

    private static let bodyLimit = 64 << 10
}

/// Why the application's request is refused, or could not be carried out.
struct AppFault: Error, Sendable {
    var status: HTTPStatus
    var message: String
    /// For the log alone.
    var cause: String?

    init(_ status: HTTPStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    init(_ fault: StoreFault) {
        status = .serviceUnavailable
        message = "the store did not answer; try again"
        cause = fault.description
    }

    static let notFound = AppFault(.notFound, "there is none of that id")
    static let noCall = AppFault(.notFound, "no call runs in this channel")
}

/// Which part of a list is wanted: `limit`, and the `cursor` that the part before has given.
struct AppPage: Sendable {
    let limit: Int
    let cursor: String?

    init(_ ask: AppRoutes.Ask) throws(AppFault) {
        cursor = ask.query?.first("cursor")
        guard let text = ask.query?.first("limit") else {
            limit = 50
            return
        }
        guard let number = Int(text), (1...200).contains(number) else {
            throw AppFault(.badRequest, "limit is a number from 1 to 200")
        }
        limit = number
    }

    /// A cursor that names a time and an id.
    func place() throws(AppFault) -> (time: WallTime, id: String)? {
        guard let cursor else { return nil }
        let parts = cursor.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count <= 15,
            parts[0].utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            let time = Int64(parts[0]), Identifier(parts[1]) != nil
        else {
            throw Self.badCursor
        }
        return (WallTime(milliseconds: time), String(parts[1]))
    }

    static func cursor(_ time: WallTime, _ id: String) -> String { "\(time.milliseconds)-\(id)" }

    static let badCursor = AppFault(.badRequest, "cursor is the next_cursor of the page before")
}

extension JSONWriter {
    mutating func member(_ name: String, _ value: String?) {
        key(name)
        if let value { string(value) } else { null() }
    }

    mutating func member(_ name: String, _ time: WallTime?) {
        key(name)
        if let time { integer(time.milliseconds) } else { null() }
    }
}
