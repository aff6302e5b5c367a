import Crypto
import Foundation
import Testing
import Wire

extension `A node` {
    @Suite struct `asked by the Calls plugin's clients` {
        static let base = "/plugins/com.mattermost.calls"
        static let channel = "aaaaaaaaaaaaaaaaaaaaaaaaaa"

        let node: RunningNode
        let ana: Login
        let admin: Login

        init() throws {
            node = try RunningNode(
                "[limits]\nrequest_burst = 1000\n",
                environment: ["MM_CALLS_MAX_CALL_PARTICIPANTS": "12"]
            )
            ana = try node.logIn("ana")
            admin = try node.logIn("admin")
        }

        private func get(_ path: String, _ login: Login? = nil) throws -> Client.Response {
            try node.get(Self.base + path, (login ?? ana).bearer)
        }

        private func post(
            _ path: String,
            _ body: String = "",
            _ login: Login? = nil
        ) throws -> Client.Response {
            try node.post(Self.base + path, body, (login ?? ana).bearer)
        }

        @Test func `says its version to anybody, and all else to people who are logged in`() throws
        {
            let version = try node.get(Self.base + "/version")
            #expect(version.status == 200)
            #expect(try version.json["version"]?.string == "1.12.0")
            for path in ["/config", "/channels", "/\(Self.channel)", "/turn-credentials", "/stats"]
            {
                #expect(try node.get(Self.base + path).status == 401, "\(path)")
            }
        }

        @Test
        func `tells everybody what clients need of the settings, and administrators the rest`()
            throws
        {
            let config = try get("/config").json
            #expect(config["DefaultEnabled"]?.boolean == true)
            #expect(config["MaxCallParticipants"]?.integer == 12)
            #expect(config["GroupCallsAllowed"]?.boolean == true)
            #expect(config["NeedsTURNCredentials"]?.boolean == false)
            #expect(config["ICEServersConfigs"]?.array == [])
            #expect(config["UDPServerPort"] == nil)
            #expect(config.object?.members.count == 19)
            let whole = try get("/config", admin).json
            #expect(whole["UDPServerPort"]?.integer == 0)
            #expect(whole["RecordingQuality"]?.string == "medium")
            #expect(try get("/env").status == 403)
            #expect(try get("/env", admin).text == #"{"MaxCallParticipants":"12"}"#)
        }

        @Test func `finds no channel where no id is, and no call where none runs`() throws {
            for path in ["/x", "/\(Self.channel)a", "/AAAAAAAAAAAAAAAAAAAAAAAAAA"] {
                #expect(try get(path).status == 404, "\(path)")
                #expect(try post("/calls\(path)/host/mute-others").status == 404, "\(path)")
            }
            #expect(try get("/calls/\(Self.channel)/active").text == #"{"active":false}"#)
            for path in ["dismiss-notification", "end", "host/end", "host/mute-others"] {
                let answer = try post("/calls/\(Self.channel)/\(path)")
                #expect(answer.status == 400, "\(path)")
                #expect(try answer.json["message"]?.string == "no call ongoing", "\(path)")
            }
            for path in ["mute", "screen-off", "lower-hand", "remove"] {
                let route = "/calls/\(Self.channel)/host/\(path)"
                let answer = try post(route, #"{"session_id":"\#(Self.channel)"}"#)
                #expect(try answer.json["message"]?.string == "no call ongoing", "\(path)")
                #expect(try post(route, "{").status == 400)
                #expect(try post(route, "{}").status == 400)
                #expect(try post(route, #"{"session_id":7}"#).status == 400)
            }
            let make = try post(
                "/calls/\(Self.channel)/host/make",
                #"{"new_host_id":"\#(Self.channel)"}"#
            )
            #expect(try make.json["message"]?.string == "no call ongoing")
        }

        @Test func `lets administrators decide where calls may be, and remembers it`() throws {
            #expect(
                try get("/\(Self.channel)").text
                    == #"{"channel_id":"\#(Self.channel)","enabled":true}"#
            )
            #expect(try get("/channels").text == "[]")
            #expect(try post("/\(Self.channel)", #"{"enabled":false}"#).status == 403)
            for body in ["", "{", "{}", #"{"enabled":"no"}"#, #"{"enabled":true,"props":[]}"#] {
                #expect(try post("/\(Self.channel)", body, admin).status == 400, "\(body)")
            }
            let decided = try post(
                "/\(Self.channel)",
                #"{"enabled":false,"props":{"a":1}}"#,
                admin
            )
            #expect(decided.status == 200)
            #expect(
                try get("/\(Self.channel)").text
                    == #"{"channel_id":"\#(Self.channel)","enabled":false,"props":{"a":1}}"#
            )
            #expect(
                try get("/channels?mobilev2=true").text
                    == #"[{"channel_id":"\#(Self.channel)","enabled":false}]"#
            )
        }

        @Test func `says honestly that nobody records`() throws {
            let start = try post("/calls/\(Self.channel)/recording/start")
            #expect(start.status == 403)
            #expect(try start.json["message"]?.string == "Recordings are not enabled")
            #expect(try post("/calls/\(Self.channel)/recording/pause").status == 400)
            let able = try RunningNode("[calls]\nenable_recordings = true\n")
            let bob = try able.logIn("bob")
            let asked = try able.post(
                "\(Self.base)/calls/\(Self.channel)/recording/stop",
                "",
                bob.bearer
            )
            #expect(asked.status == 403)
            #expect(try asked.json["message"]?.string == "Job service is not initialized")
        }

        @Test func `answers its bot, and nobody else, what bots ask`() throws {
            let bot = try node.logIn("calls")
            let me = try node.get("/api/v4/users/me", bot.bearer).json["id"]?.string ?? ""
            let paths = [
                "/bot/channels/\(Self.channel)": 200, "/bot/users/\(me)/image": 200,
                "/bot/users/\(Self.channel)/image": 404,
                "/bot/calls/\(Self.channel)/filename": 200,
                "/bot/calls/\(Self.channel)/sessions/\(Self.channel)/profile": 400,
                "/bot/uploads/\(Self.channel)": 403,
            ]
            for (path, status) in paths {
                #expect(try get(path).status == 403, "\(path)")
                #expect(try get(path, bot).status == status, "\(path)")
            }
            let name = try get("/bot/calls/\(Self.channel)/filename", bot).json["filename"]?.string
            let pattern = /Call_a{24}_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d/
            #expect(name?.wholeMatch(of: pattern) != nil, "\(name ?? "")")
            for path in [
                "uploads", "uploads/\(Self.channel)", "calls/\(Self.channel)/recordings",
                "calls/\(Self.channel)/transcriptions",
            ] {
                #expect(try post("/bot/\(path)", "{}", bot).status == 403, "\(path)")
            }
            let status = "/bot/calls/\(Self.channel)/jobs/\(Self.channel)/status"
            #expect(try post(status, "{}", bot).status == 400)
        }

        @Test func `makes TURN credentials that coturn would take`() throws {
            #expect(try get("/turn-credentials").status == 403)
            let node = try RunningNode(
                """
                [media]
                turn_secret = "owl"
                ice_servers = [
                    { urls = ["stun:s.example:3478"] },
                    { urls = ["turn:t.example:3478"] },
                    { urls = ["turn:u.example"], username = "u", credential = "p" },
                ]
                """
            )
            let bob = try node.logIn("bob")
            let config = try node.get(Self.base + "/config", bob.bearer)
            #expect(try config.json["NeedsTURNCredentials"]?.boolean == true)
            #expect(!config.text.contains("t.example"))
            #expect(config.text.contains(#""credential":"p""#))
            let admin = try node.logIn("admin")
            #expect(!(try node.get(Self.base + "/config", admin.bearer).text.contains("owl")))
            let answer = try node.get(Self.base + "/turn-credentials", bob.bearer)
            let list = try #require(try answer.json.array)
            #expect(list.count == 1)
            #expect(list[0]["urls"]?.array == ["turn:t.example:3478"])
            let username = try #require(list[0]["username"]?.string)
            let parts = username.split(separator: ":")
            #expect(parts.last == "bob")
            let expiry = Double(parts[0]) ?? 0
            #expect(abs(expiry - Date().timeIntervalSince1970 - 240 * 60) < 60)
            var hmac = HMAC(.sha1, key: Array("owl".utf8).span)
            let code = hmac.code(of: Array(username.utf8).span)
            #expect(list[0]["credential"]?.string == Data(code).base64EncodedString())
        }

        @Test func `counts calls for administrators`() throws {
            #expect(try get("/stats").status == 403)
            let stats = try get("/stats", admin).json
            #expect(stats["total_calls"]?.integer == 0)
            #expect(stats["calls_by_day"]?.object?.members.count == 0)
            #expect(stats.object?.members.count == 14)
        }

        @Test func `keeps what clients write down about themselves`() throws {
            let ids = #""channel_id":"\#(Self.channel)","team_id":"\#(Self.channel)""#
            #expect(try post("/logs/upload", #"{"logs":"all well",\#(ids)}"#).text == "{}")
            #expect(try post("/logs/upload", #"{"logs":"all well"}"#).status == 400)
            #expect(try post("/logs/upload", "logs").status == 400)
            #expect(node.logs("a client has sent its log"))
            #expect(try post("/cloud-notify-admins").status == 400)
        }

        @Test func `takes a mebibyte and no more`() throws {
            let name = String(repeating: "x", count: 1 << 20)
            #expect(try post("/\(Self.channel)", #"{"x":"\#(name)"}"#, admin).status == 413)
        }
    }
}

extension Client.Response {
    var json: JSONValue {
        get throws { try JSONValue(parsing: body.span) }
    }
}
