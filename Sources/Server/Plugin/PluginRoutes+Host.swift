internal import Calls
internal import IO
internal import Wire

// What hosts do to others. Every refusal is a 400, as with the plugin.
extension PluginRoutes {
    func addHost(to router: inout Router) {
        host("make", in: &router) { body in
            body["new_host_id"]?.string.flatMap { PersonID($0) }.map { .makeHost($0) }
        }
        for (path, order) in Self.ordersAboutSessions {
            host(path, in: &router) { body in
                body["session_id"]?.string.flatMap { ParticipantID($0) }.map(order)
            }
        }
        onChannel(.post, "/calls/{channel_id}/host/mute-others", in: &router) { ask, channel in
            await order(.muteOthers, ask, channel)
        }
        onChannel(.post, "/calls/{channel_id}/host/end", in: &router) { ask, channel in
            await order(.endForAll, ask, channel)
        }
    }

    private static let ordersAboutSessions: [(String, @Sendable (ParticipantID) -> HostOrder)] = [
        ("mute", { .mute($0) }),
        ("screen-off", { .stopScreen($0) }),
        ("lower-hand", { .lowerHand($0) }),
        ("remove", { .remove($0) }),
    ]

    /// An order that names somebody in its body.
    private func host(
        _ path: String,
        in router: inout Router,
        _ read: @escaping @Sendable (JSONValue) -> HostOrder?
    ) {
        onChannel(.post, "/calls/{channel_id}/host/\(path)", in: &router) { ask, channel in
            guard let body = ask.json, body.object != nil else {
                return .fault(.badRequest, "the body is not a JSON object")
            }
            guard let wanted = read(body) else {
                return .fault(.badRequest, OrderRefusal.notInCall.rawValue)
            }
            return await order(wanted, ask, channel)
        }
    }
}
