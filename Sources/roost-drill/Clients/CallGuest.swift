internal import Basics
internal import IO

/// One person in a call, as far as the websocket goes. Belongs to the loop of its ``CallParty``.
final class CallGuest {
    /// What a guest does again and again, each time the other way round.
    enum Deed: Int, CaseIterable, Sendable {
        case mute
        case hand
        case reaction

        /// What the server's event of that name tells of.
        init?(event name: String) {
            switch name {
            case "user_muted", "user_unmuted": self = .mute
            case "user_raise_hand", "user_unraise_hand": self = .hand
            case "user_reacted": self = .reaction
            default: return nil
            }
        }
    }

    /// A deed that not everybody has heard of yet.
    struct Pending {
        var done: Instant
        var left: Int
    }

    let token: String
    let channel: String
    var socket: SocketClient?
    var session: Identifier?
    var asked: Instant?
    var isIn = false
    var pending = [Pending?](repeating: nil, count: Deed.allCases.count)
    private var isUnmuted = false
    private var isHandUp = false
    private var sequence = 1

    init(token: String, channel: String) {
        self.token = token
        self.channel = channel
    }

    func join() {
        asked = Loop.readClock()
        say("join", #"{"channelID":"\#(channel)"}"#)
    }

    func act(_ deed: Deed, hearers: Int) {
        pending[deed.rawValue] = Pending(done: Loop.readClock(), left: hearers)
        switch deed {
        case .mute:
            isUnmuted.toggle()
            say(isUnmuted ? "unmute" : "mute")
        case .hand:
            isHandUp.toggle()
            say(isHandUp ? "raise_hand" : "unraise_hand")
        case .reaction:
            say("react", #"{"data":"{\"name\":\"wave\",\"unified\":\"1F44B\"}"}"#)
        }
    }

    private func say(_ type: String, _ data: String = "{}") {
        sequence += 1
        socket?.say(
            #"{"action":"custom_com.mattermost.calls_\#(type)","seq":\#(sequence),"data":\#(data)}"#
        )
    }
}
