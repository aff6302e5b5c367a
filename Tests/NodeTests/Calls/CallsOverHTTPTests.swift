import Crypto
import Foundation
import Testing
import Wire

extension `A node` {
    @Suite struct `asked about a call that runs` {
        static let channel = "nightowls00000000000000001"
        static let base = "/plugins/com.mattermost.calls"
        static let key = ["Authorization: Bearer a-key-for-tests-0123456789"]
        static let settings = """
            [limits]
            request_burst = 1000
            [calls]
            api_keys = ["a-key-for-tests-0123456789"]
            """

        let node: RunningNode
        let logins: (ada: Login, bob: Login, eve: Login, admin: Login)
        let ada: Caller
        let bob: Caller

        init() throws {
            node = try RunningNode(Self.settings)
            logins = (
                try node.logIn("ada"), try node.logIn("bob"), try node.logIn("eve"),
                try node.logIn("admin")
            )
            ada = try Caller(node, logins.ada.bearer)
            bob = try Caller(node, logins.bob.bearer)
            for caller in [ada, bob] {
                _ = try caller.hear("hello")
                try caller.join(Self.channel)
                _ = try caller.hear("call_state")
            }
        }

        private func post(
            _ path: String,
            _ body: String,
            _ login: Login
        ) throws -> Client.Response {
            try node.post("\(Self.base)/calls/\(Self.channel)/\(path)", body, login.bearer)
        }

        @Test func `shows it as the websocket does`() throws {
            let shown = try node.get("\(Self.base)/\(Self.channel)", logins.eve.bearer).json
            #expect(shown["call"]?["sessions"]?.array?.count == 2)
            let list = try node.get("\(Self.base)/channels", logins.eve.bearer).json
            #expect(list[0]?["channel_id"]?.string == Self.channel)
            #expect(list[0]?["call"]?["id"] == shown["call"]?["id"])
            let active = "\(Self.base)/calls/\(Self.channel)/active"
            #expect(try node.get(active, logins.eve.bearer).text == #"{"active":true}"#)
            let members = "/api/v4/channels/\(Self.channel)/members"
            #expect(try node.get(members, logins.eve.bearer).json.array?.count == 3)
            let bot = try node.logIn("calls")
            let profile =
                "\(Self.base)/bot/calls/\(Self.channel)/sessions/\(bob.connection)/profile"
            let answer = try node.get(profile, bot.bearer)
            #expect(try answer.json["username"]?.string == "bob")
        }

        @Test func `lets its host and administrators act, and nobody else`() throws {
            try bob.say("unmute")
            _ = try ada.hear("user_unmuted")
            let body = #"{"session_id":"\#(bob.connection)"}"#
            let refused = try post("host/mute", body, logins.bob)
            #expect(refused.status == 400)
            #expect(try refused.json["message"]?.string == "no permissions")
            #expect(try post("host/end", "", logins.eve).status == 400)
            let muted = try post("host/mute", body, logins.ada)
            #expect(muted.text == #"{"message":"success","status_code":200}"#)
            _ = try bob.hear("host_mute")
            let nobody = #"{"session_id":"\#(Self.channel)"}"#
            let absent = try post("host/mute", nobody, logins.ada)
            #expect(absent.status == 400)
            let why = "requested session or user is not in the call"
            #expect(try absent.json["message"]?.string == why)
            #expect(try post("end", "", logins.admin).status == 200)
            _ = try bob.hear("call_end")
        }

        @Test func `is told that somebody does not want to be rung`() throws {
            #expect(try post("dismiss-notification", "", logins.eve).status == 200)
            let shown = try node.get("\(Self.base)/\(Self.channel)", logins.eve.bearer).json
            #expect(shown["call"]?["dismissed_notification"]?.object?.members.count == 1)
            let other = try node.get("\(Self.base)/\(Self.channel)", logins.bob.bearer).json
            #expect(other["call"]?["dismissed_notification"] == nil)
        }

        @Test func `lets a guest in by a link, and into no other channel's call`() throws {
            let path = "/api/roost/v1/channels/\(Self.channel)/guest-links"
            let token = try node.post(path, "", Self.key).json["token"]?.string ?? ""
            let guest = Login(
                try node.post(
                    "/api/roost/v1/guest-links/redeem",
                    #"{"token":"\#(token)","name":"Zoe\u0007 \u202e"}"#
                )
            )
            let zoe = try Caller(node, guest.bearer)
            _ = try zoe.hear("hello")
            try zoe.join(Self.channel)
            _ = try zoe.hear("call_state")
            let joined = try ada.hear("user_joined") {
                $0["session_id"] as? String == zoe.connection
            }
            let id = joined["user_id"] as? String ?? ""
            let person = try node.get("/api/v4/users/\(id)", logins.ada.bearer)
            #expect(try person.json["nickname"]?.string == "Zoe")
            let other = try Caller(node, guest.bearer)
            _ = try other.hear("hello")
            try other.join("daylarks000000000000000002")
            #expect(
                try other.hear("error")["data"] as? String
                    == "you may not join calls in this channel"
            )
        }

        @Test func `lets people begin an announced call where only administrators may`() throws {
            let node = try RunningNode(Self.settings + "\ndefault_enabled = false\n")
            let path = "/api/roost/v1/channels/\(Self.channel)/call"
            let announced = try node.post(path, #"{"title":"Owls"}"#, Self.key)
            #expect(announced.status == 201)
            // Where the page is.
            #expect(try announced.json["url"]?.string == "/\(Self.channel)")
            #expect(
                try node.get("/\(Self.channel)").field("content-type") == "text/html; charset=utf-8"
            )
            let ada = try Caller(node, as: "ada")
            try ada.join(Self.channel)
            _ = try ada.hear("call_state")
            #expect(try node.get(path, Self.key).json["title"]?.string == "Owls")
            try ada.say("leave")
            let bob = try Caller(node, as: "bob")
            try bob.join("daylarks000000000000000002")
            let why = try bob.hear("error")["data"] as? String ?? ""
            #expect(why.contains("test mode"))
        }

        @Test func `rings those whom the application invites, and ends at its word`() throws {
            let eve = try Caller(node, logins.eve.bearer)
            _ = try eve.hear("hello")
            let path = "/api/roost/v1/channels/\(Self.channel)/call"
            let call = try node.get(path, Self.key).json
            #expect(call["participants"]?.array?.count == 2)
            let invited = try node.post(path + "/invitations", #"{"user_ids":["eve"]}"#, Self.key)
            #expect(invited.status == 202)
            #expect(try eve.hear("call_start")["channelID"] as? String == Self.channel)
            #expect(try node.post(path, "{}", Self.key).status == 409)
            #expect(try node.connect().get(path, Self.key, method: "DELETE").status == 204)
            _ = try ada.hear("call_end")
            let id = call["call_id"]?.string ?? ""
            let isOver = try eventually {
                let record = try node.get("/api/roost/v1/calls/\(id)", Self.key)
                return try record.status == 200 && record.json["ended_at"]?.integer != nil
            }
            #expect(isOver)
            let attendance = try node.get("/api/roost/v1/calls/\(id)/attendance", Self.key).json
            #expect(attendance["attendance"]?.array?.count == 2)
            let page = try node.get("/api/roost/v1/history?channel=\(Self.channel)", Self.key).json
            #expect(page["calls"]?[0]?["call_id"]?.string == id)
            let stats = try node.get("\(Self.base)/stats", logins.admin.bearer).json
            #expect(stats["total_calls"]?.integer == 1)
            #expect(stats["avg_participants"]?.integer == 2)
        }
    }

    @Suite struct `whose application wants to know` {
        static let channel = "nightowls00000000000000001"
        static let secret = "an-owl-may-look-at-a-king"

        private func settings(_ ear: WebhookEar) -> String {
            """
            [calls]
            webhook_urls = ["http://127.0.0.1:\(ear.port)/hooks"]
            webhook_secret = "\(Self.secret)"
            """
        }

        private func type(_ heard: WebhookEar.Heard) throws -> String? {
            try JSONValue(parsing: Array(heard.body.utf8).span)["type"]?.string
        }

        @Test func `tells it of calls, in order and signed`() throws {
            let ear = try WebhookEar()
            let node = try RunningNode(settings(ear))
            let ada = try Caller(node, as: "ada")
            try ada.join(Self.channel)
            let first = try ear.hear()
            #expect(try type(first) == "call.started")
            #expect(first.head.hasPrefix("POST /hooks "))
            let id = try #require(first.field("webhook-id"))
            let time = try #require(first.field("webhook-timestamp"))
            var hmac = HMAC(.sha256, key: Array(Self.secret.utf8).span)
            let code = hmac.code(of: Array("\(id).\(time).\(first.body)".utf8).span)
            let signature = "v1," + Data(code).base64EncodedString()
            #expect(first.field("webhook-signature") == signature)
            var types: [String] = []
            try ada.say("leave")
            while types.last != "call.ended", types.count < 8 {
                types.append(try type(ear.hear()) ?? "none")
            }
            #expect(types.contains("participant.joined"))
            #expect(types.contains("participant.left"))
            #expect(types.last == "call.ended")
            #expect(try eventually { try node.figure("roost_webhooks_waiting") == 0 })
        }

        @Test func `tells it later, through a restart, what it would not take`() throws {
            let ear = try WebhookEar()
            let folder = try Folder()
            let first = try RunningNode(settings(ear), in: folder)
            let ada = try Caller(first, as: "ada")
            try ada.join(Self.channel)
            let refused = try ear.hear(answering: 503)
            #expect(first.logs("a webhook was not taken"))
            first.child.signal(SIGKILL)
            _ = try first.child.waitUntilEnd()
            let second = try RunningNode(settings(ear), in: folder)
            var ids: Set<String> = []
            while !ids.contains(refused.field("webhook-id") ?? "none"), ids.count < 8 {
                ids.insert(try ear.hear().field("webhook-id") ?? "nothing")
            }
            #expect(ids.contains(refused.field("webhook-id") ?? "none"))
            #expect(try second.end() == 0)
        }
    }
}
