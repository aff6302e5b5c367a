package import Basics
internal import Wire

/// One frame from a client: `{action, seq, data}`, as JSON in a text frame or as MessagePack in a
/// binary one.
///
/// Some actions are the chat server's own; those of calls begin with
/// ``ClientMessage/actionPrefix``. A client may send any message either way, except `sdp`, which
/// carries bytes, for which JSON has no word.
package struct ClientFrame: Equatable, Sendable {
    package enum Content: Equatable, Sendable {
        /// Shows who the client is, if the upgrade didn't.
        case authenticate(Secret)
        /// Wants a reply, to know that the connection is alive.
        case ping
        case calls(ClientMessage)
        /// An action that nobody here knows. Clients of the chat have many.
        case unknown(String)
    }

    /// The client's number of the frame, by which a reply names it.
    package var sequence: Int64?
    package var content: Content

    /// The most that a frame may be: more than the chat server's 8 KiB, which a description of a large
    /// call outgrows.
    package static let longest = 64 << 10

    package init(text: Span<UInt8>) throws(ClientFrameFault) {
        let value: JSONValue
        do {
            let limits = JSONLimits(depth: 6, elements: 512, bytes: Self.longest)
            value = try JSONValue(parsing: text, limits: limits)
        } catch {
            throw ClientFrameFault(MessageFault("the message", "must be JSON (\(error))"))
        }
        try self.init(MessagePackValue(value))
    }

    package init(binary: Span<UInt8>) throws(ClientFrameFault) {
        let value: MessagePackValue
        do {
            let limits = MessagePackLimits(depth: 6, elements: 512, bytes: Self.longest)
            value = try MessagePackValue(parsing: binary, limits: limits)
        } catch {
            throw ClientFrameFault(MessageFault("the message", "must be MessagePack (\(error))"))
        }
        try self.init(value)
    }

    private init(_ value: MessagePackValue) throws(ClientFrameFault) {
        var sequence: Int64?
        var action: String?
        do throws(MessageFault) {
            let members = try MessageMembers(value, part: "")
            sequence = try members.wholeNumber("seq")
            let named = try members.text("action", limit: Self.longestAction)
            action = named
            content = try Self.content(of: named, in: members)
            self.sequence = sequence
        } catch {
            throw ClientFrameFault(error, sequence: sequence, action: action)
        }
    }

    private static func content(
        of action: String,
        in members: MessageMembers
    ) throws(MessageFault) -> Content {
        switch action {
        case "authentication_challenge":
            let token = try members.members("data").text("token", limit: longestToken)
            return .authenticate(Secret(token))
        case "ping":
            return .ping
        default:
            guard action.hasPrefix(ClientMessage.actionPrefix) else { return .unknown(action) }
            let name = String(action.dropFirst(ClientMessage.actionPrefix.count))
            let data = try members.members("data")
            guard let message = try ClientMessage(named: name, data) else {
                return .unknown(action)
            }
            return .calls(message)
        }
    }

    private static let longestAction = 128
    private static let longestToken = 8 << 10
}
