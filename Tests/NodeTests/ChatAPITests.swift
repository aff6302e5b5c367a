import Foundation
import Testing
import Wire

extension `A node` {
    @Suite struct `asked by chat clients` {
        let node: RunningNode
        let ana: Login
        let bob: Login

        init() throws {
            node = try RunningNode("[limits]\nrequest_burst = 1000\n")
            ana = try node.logIn("Ana Lee")
            bob = try node.logIn("bob")
        }

        private func get(_ path: String) throws -> Client.Response {
            try node.get("/api/v4" + path, ana.bearer)
        }

        private func id(of login: Login) throws -> String {
            try node.get("/api/v4/users/me", login.bearer).json["id"]?.string ?? ""
        }

        @Test func `knows everybody who has logged in, and remembers them through a restart`()
            throws
        {
            let folder = try Folder()
            let first = try RunningNode(in: folder)
            let eve = try first.logIn("eve")
            let id = try first.get("/api/v4/users/me", eve.bearer).json["id"]?.string ?? ""
            #expect(try first.end() == 0)
            let second = try RunningNode(in: folder)
            let ana = try second.logIn("ana")
            let found = try second.get("/api/v4/users/\(id)", ana.bearer)
            #expect(try found.json["username"]?.string == "eve")
            #expect(try second.get("/api/v4/users/username/eve", ana.bearer).status == 200)
        }

        @Test func `shows people by their ids`() throws {
            let (me, other) = (try id(of: ana), try id(of: bob))
            #expect(try get("/users/\(other)").json["username"]?.string == "bob")
            #expect(try get("/users/me").json["nickname"]?.string == "Ana Lee")
            let nobody = "aaaaaaaaaaaaaaaaaaaaaaaaaa"
            #expect(try get("/users/\(nobody)").status == 404)
            #expect(try get("/users/x").status == 404)
            #expect(try node.get("/api/v4/users/\(other)").status == 401)
            let list = #"["\#(other)","\#(nobody)","\#(me)"]"#
            let found = try node.post("/api/v4/users/ids", list, ana.bearer)
            #expect(try found.json.array?.map { $0["id"]?.string } == [other, me])
            for body in ["", "{}", "[7]", #"["x"]"#] {
                #expect(try node.post("/api/v4/users/ids", body, ana.bearer).status == 400)
            }
        }

        @Test func `draws a face for everybody`() throws {
            let image = try get("/users/me/image")
            #expect(image.status == 200)
            #expect(image.field("content-type") == "image/svg+xml")
            #expect(image.text.hasPrefix("<svg "))
            #expect(image.text.contains(">AL</text>"))
            let odd = try node.logIn("<script>")
            let drawn = try node.get("/api/v4/users/me/image", odd.bearer).text
            #expect(drawn.contains(">&lt;</text>"))
        }

        @Test func `shows two hundred faces at once, whatever calls are asked meanwhile`() throws {
            let node = try RunningNode()
            let ana = try node.logIn("ana")
            let client = try node.connect()
            for _ in 0..<150 {
                #expect(try client.get("/api/v4/users/me/image", ana.bearer).status == 200)
            }
            let config = "/plugins/com.mattermost.calls/config"
            let calls = try (0..<12).map { _ in try client.get(config, ana.bearer).status }
            #expect(calls.first == 200 && calls.last == 429)
            #expect(try client.get("/api/v4/users/me", ana.bearer).status == 200)
            let all = try (0..<120).map { _ in
                try client.get("/api/v4/users/me/image", ana.bearer).status
            }
            #expect(all.last == 429)
        }

        @Test func `carries out what is typed after a slash, and says what came of it`() throws {
            let node = try RunningNode("[http]\npublic_url = \"https://calls.example.org\"\n")
            let channel = "nightowls00000000000000001"
            let ada = try Caller(node, as: "ada")
            try ada.join(channel)
            _ = try ada.hear("call_state")
            let bob = try Caller(node, as: "bob")
            try bob.join(channel)
            _ = try bob.hear("call_state")
            let (adas, bobs) = (try node.logIn("ada"), try node.logIn("bob"))
            func type(_ command: String, _ login: Login) throws -> Client.Response {
                let body = #"{"channel_id":"\#(channel)","command":"\#(command)"}"#
                return try node.post("/api/v4/commands/execute", body, login.bearer)
            }
            func say(_ command: String, _ login: Login) throws -> String {
                let answer = try type(command, login)
                #expect(answer.status == 200, "\(command)")
                #expect(try answer.json["response_type"]?.string == "ephemeral")
                return try answer.json["text"]?.string ?? ""
            }
            #expect(try say("/call link", bobs) == "https://calls.example.org/\(channel)")
            let json = Data(#"{"rtt": 0.1}"#.utf8).base64EncodedString()
            #expect(try say("/call stats \(json)", bobs) == "```json\n{\"rtt\":0.1}\n```")
            #expect(try say("/call stats", bobs).contains("be in a call first"))
            #expect(try say("/call stats bm8=", bobs).contains("be in a call first"))
            #expect(try say("/call host @bob", bobs) == "no permissions")
            #expect(try say("/call host @cyd", adas).contains("is not in the call"))
            #expect(try say("/call host", adas).contains("/call host @name"))
            #expect(try say("/call host @bob", adas) == "bob is the host now")
            _ = try ada.hear("call_host_changed")
            #expect(try say("/call recording start", bobs) == "Recordings are not enabled")
            for own in ["start", "join", "leave", "logs"] {
                #expect(try say("/call \(own) now", bobs).contains("your client"))
            }
            #expect(try say("/call dance", bobs).contains("/call link"))
            #expect(try type("/giphy owl", bobs).status == 404)
            #expect(try say("/call end", adas) == "no permissions")
            #expect(try say("/call end", bobs) == "the call has ended")
            _ = try ada.hear("call_end")
            #expect(try say("/call end", bobs) == "no call ongoing")
        }

        @Test func `says which id a channel's name stands for, and what it is called`() throws {
            let named = try get("/channels/name/night%20owls")
            let id = try #require(try named.json["id"]?.string)
            #expect(id.count == 26)
            let channel = try get("/channels/\(id)").json
            #expect(channel["display_name"]?.string == "night owls")
            #expect(channel["type"]?.string == "O")
            let made = try node.post("/api/v4/channels", #"{"name":"night owls"}"#, ana.bearer)
            #expect(made.status == 201)
            #expect(try made.json["id"]?.string == id)
            #expect(try get("/channels?per_page=5").json.array?.count == 1)
            #expect(try get("/channels?page=1&per_page=5").json.array?.count == 0)
            #expect(try get("/channels/x").status == 404)
        }

        @Test func `has whoever asks be a member of what they may see`() throws {
            let channel = "aaaaaaaaaaaaaaaaaaaaaaaaaa"
            let me = try id(of: ana)
            #expect(try get("/channels/\(channel)/members/me").json["user_id"]?.string == me)
            #expect(try get("/channels/\(channel)/members").json.array?.count == 1)
            let teams = try #require(try get("/users/me/teams").json.array)
            let team = try #require(teams.first?["id"]?.string)
            #expect(try get("/teams/\(team)").json["name"]?.string == "roost")
            let join = #"{"user_id":"\#(me)"}"#
            for path in ["/teams/\(team)/members", "/channels/\(channel)/members"] {
                #expect(try node.post("/api/v4" + path, join, ana.bearer).status == 201)
            }
            let other = #"{"user_id":"\#(try id(of: bob))"}"#
            let path = "/api/v4/channels/\(channel)/members"
            #expect(try node.post(path, other, ana.bearer).status == 403)
        }

        @Test func `answers what clients ask before they log in`() throws {
            #expect(try node.get("/api/v4/system/ping").json["status"]?.string == "OK")
            #expect(try node.get("/api/v4/config/client?format=old").status == 200)
            #expect(try node.get("/api/v4/license/client?format=old").status == 200)
        }
    }
}
