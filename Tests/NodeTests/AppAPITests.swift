import Crypto
import Foundation
import Testing
import Wire

extension `A node` {
    @Suite struct `asked by the application around it` {
        static let key = "a-key-for-tests-0123456789"
        static let settings = """
            [limits]
            request_burst = 1000
            [calls]
            api_keys = ["another-key-0123456789-abc", "\(key)"]
            guest_links = 3
            """
        private static let bearer = ["Authorization: Bearer \(key)"]

        let node: RunningNode

        init() throws {
            node = try RunningNode(Self.settings)
        }

        private func ask(
            _ method: String,
            _ path: String,
            _ body: String? = nil
        ) throws -> Client.Response {
            let client = try node.connect()
            let path = "/api/roost/v1" + path
            guard let body else { return try client.get(path, Self.bearer, method: method) }
            let fields = [
                "Content-Type: application/json", "Content-Length: \(body.utf8.count)",
            ]
            try client.send(Client.head(method, path, Self.bearer + fields) + body)
            return try client.readResponse()
        }

        @Test func `answers those with a key, and administrators`() throws {
            #expect(try ask("GET", "/calls").text == #"{"calls":[],"next_cursor":null}"#)
            #expect(try node.get("/api/roost/v1/calls").status == 401)
            let wrong = ["Authorization: Bearer \(Self.key)x"]
            #expect(try node.get("/api/roost/v1/calls", wrong).status == 401)
            let ana = try node.logIn("ana")
            #expect(try node.get("/api/roost/v1/calls", ana.bearer).status == 403)
            let admin = try node.logIn("admin")
            #expect(try node.get("/api/roost/v1/calls", admin.bearer).status == 200)
        }

        @Test func `describes all of it`() throws {
            let file = try node.get("/openapi.json")
            #expect(file.status == 200)
            #expect(file.field("content-type") == "application/json")
            let limits = JSONLimits(depth: 32, elements: 16_384)
            let description = try JSONValue(parsing: file.body.span, limits: limits)
            let paths = try #require(description["paths"]?.object)
            for member in paths.members {
                let path = member.name.replacing("{channel}", with: "x")
                    .replacing(/\{\w+\}/, with: "aaaaaaaaaaaaaaaaaaaaaaaaaa")
                for method in member.value.object?.members ?? [] {
                    let answer = try ask(method.name.uppercased(), path)
                    let known = method.value["responses"]?.object?.members.map(\.name) ?? []
                    #expect(known.contains("\(answer.status)"), "\(method.name) \(path)")
                }
            }
        }

        @Test func `sets a channel up`() throws {
            let nothing = try ask("GET", "/channels/night-owls").json
            #expect(nothing["enabled"] == .null)
            let body = #"{"enabled":false,"display_name":"Night owls"}"#
            #expect(try ask("PUT", "/channels/night-owls", body).status == 200)
            let set = try ask("GET", "/channels/night-owls").json
            #expect(set["enabled"]?.boolean == false)
            #expect(set["display_name"]?.string == "Night owls")
            let id = try #require(set["channel_id"]?.string)
            let ana = try node.logIn("ana")
            let channel = try node.get("/api/v4/channels/\(id)", ana.bearer).json
            #expect(channel["display_name"]?.string == "Night owls")
            let plugin = "/plugins/com.mattermost.calls/\(id)"
            #expect(try node.get(plugin, ana.bearer).json["enabled"]?.boolean == false)
            for (body, status) in [
                ("{", 400), ("[]", 422), (#"{"enabled":1}"#, 422), (#"{"display_name":1}"#, 422),
            ] {
                #expect(try ask("PUT", "/channels/night-owls", body).status == status, "\(body)")
            }
        }

        @Test func `announces a call, and remembers that through a restart`() throws {
            let folder = try Folder()
            let first = try RunningNode(Self.settings, in: folder)
            let body = #"{"title":"Owls","expires_in":600}"#
            let path = "/api/roost/v1/channels/owls/call"
            let made = try first.post(path, body, Self.bearer)
            #expect(made.status == 201)
            #expect(try made.json["title"]?.string == "Owls")
            #expect(try first.end() == 0)
            let second = try RunningNode(Self.settings, in: folder)
            #expect(try second.connect().get(path, Self.bearer, method: "DELETE").status == 204)
            #expect(try second.connect().get(path, Self.bearer, method: "DELETE").status == 404)
            #expect(try second.post(path, #"{"expires_in":1}"#, Self.bearer).status == 422)
        }

        @Test func `lets guests into one channel by a link, as often as it says`() throws {
            let made = try ask("POST", "/channels/owls/guest-links", #"{"max_uses":2}"#)
            #expect(made.status == 201)
            let token = try #require(try made.json["token"]?.string)
            let channel = try #require(try made.json["channel_id"]?.string)
            let redeem = "/api/roost/v1/guest-links/redeem"
            let body = #"{"token":"\#(token)","name":"Zoe"}"#
            let guest = try node.post(redeem, body)
            #expect(guest.status == 201)
            let bearer = ["Authorization: Bearer \(try guest.json["token"]?.string ?? "")"]
            let me = try node.get("/api/v4/users/me", bearer).json
            #expect(me["nickname"]?.string == "Zoe")
            #expect(me["roles"]?.string == "system_guest")
            let base = "/plugins/com.mattermost.calls"
            #expect(try node.get("\(base)/\(channel)", bearer).status == 200)
            let other = String(repeating: "a", count: 26)
            #expect(try node.get("\(base)/\(other)", bearer).status == 403)
            #expect(try node.get("/api/roost/v1/calls", bearer).status == 403)
            #expect(try node.post(redeem, body).status == 201)
            #expect(try node.post(redeem, body).status == 404)
            #expect(try node.post(redeem, #"{"token":"x","name":"Zoe"}"#).status == 404)
            #expect(try node.post(redeem, #"{"token":"\#(token)"}"#).status == 422)
            #expect(try node.post(redeem, "name=Zoe", []).status == 400)
        }

        @Test func `lists and ends guest links, and makes no more than it may`() throws {
            var ids: [String] = []
            for _ in 0..<3 {
                let made = try ask("POST", "/channels/owls/guest-links", "{}")
                ids.append(try made.json["id"]?.string ?? "")
            }
            #expect(try ask("POST", "/channels/owls/guest-links", "{}").status == 409)
            let page = try ask("GET", "/channels/owls/guest-links?limit=2").json
            #expect(page["guest_links"]?.array?.count == 2)
            let cursor = try #require(page["next_cursor"]?.string)
            let rest = try ask("GET", "/channels/owls/guest-links?limit=2&cursor=\(cursor)").json
            #expect(rest["guest_links"]?.array?.count == 1)
            #expect(rest["next_cursor"] == .null)
            #expect(try ask("DELETE", "/channels/owls/guest-links/\(ids[0])").status == 204)
            #expect(try ask("DELETE", "/channels/owls/guest-links/\(ids[0])").status == 404)
            #expect(try ask("POST", "/channels/owls/guest-links", "{}").status == 201)
        }

        @Test func `refuses what it can't read`() throws {
            for path in [
                "/calls?limit=0", "/calls?limit=x", "/calls?cursor=x", "/history?cursor=1-x",
            ] {
                #expect(try ask("GET", path).status == 400, "\(path)")
            }
            #expect(try ask("GET", "/history?limit=200&unknown=1").status == 200)
            #expect(try ask("GET", "/calls/x").status == 404)
            #expect(try ask("PATCH", "/calls").status == 405)
            let path = "/api/roost/v1/channels/owls/call"
            let fields = ["Content-Type: text/plain", "Content-Length: 2"]
            let client = try node.connect()
            try client.send(Client.head("POST", path, Self.bearer + fields) + "{}")
            #expect(try client.readResponse().status == 415)
            let large = #"{"title":"\#(String(repeating: "x", count: 70_000))"}"#
            #expect(try ask("POST", "/channels/owls/call", large).status == 413)
        }
    }
}
