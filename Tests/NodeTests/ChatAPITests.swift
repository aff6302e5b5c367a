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
