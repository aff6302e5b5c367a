import Foundation
import Testing

extension `A node` {
    @Suite struct `where people log in` {
        @Test func `knows a browser by its cookie, and believes it with the CSRF token only`()
            throws
        {
            let node = try RunningNode()
            let login = try node.logIn()
            #expect(login.answer.status == 200)
            for cookie in login.answer.all("set-cookie") {
                #expect(cookie.contains("SameSite=Lax"))
                #expect(cookie.contains("MMAUTHTOKEN") == cookie.contains("HttpOnly"))
            }
            let cookie = "Cookie: \(login.cookie)"
            #expect(try node.get("/api/v4/users/me", [cookie]).text.contains(#""username":"ada""#))
            let logout = "/api/v4/users/logout"
            let missing = try node.post(logout, "", [cookie])
            #expect(missing.status == 403)
            #expect(missing.text.contains("X-CSRF-Token"))
            let wrong = String(login.csrf.reversed())
            #expect(try node.post(logout, "", [cookie, "X-CSRF-Token: \(wrong)"]).status == 403)
            #expect(try node.post(logout, "", [cookie, "X-CSRF-Token: "]).status == 403)
            #expect(try node.get("/api/v4/users/me", [cookie]).status == 200)
            let done = try node.post(logout, "", [cookie, "X-CSRF-Token: \(login.csrf)"])
            #expect(done.status == 200)
            #expect(done.all("set-cookie").allSatisfy { $0.contains("Max-Age=0") })
            #expect(try node.get("/api/v4/users/me", [cookie]).status == 401)
        }

        @Test func `knows a client by its bearer token until it logs out`() throws {
            let node = try RunningNode()
            let login = try node.logIn("Grace Hopper")
            let me = try node.get("/api/v4/users/me", login.bearer)
            #expect(me.status == 200)
            #expect(me.text.contains("Grace Hopper"))
            #expect(try node.post("/api/v4/users/logout", "", login.bearer).status == 200)
            let after = try node.get("/api/v4/users/me", login.bearer)
            #expect(after.status == 401)
            #expect(after.field("www-authenticate") == "Bearer")
            #expect(after.text.contains("log in"))
        }

        @Test func `closes the websockets of a session that ends`() throws {
            let node = try RunningNode()
            let (leaving, staying) = (try node.logIn("ada"), try node.logIn("ada"))
            let ending = try SocketClient(node.connect(), fields: leaving.bearer)
            let living = try SocketClient(node.connect(), fields: staying.bearer)
            #expect(try ending.readText()?.contains("hello") == true)
            #expect(try living.readText()?.contains("hello") == true)
            #expect(try node.post("/api/v4/users/logout", "", leaving.bearer).status == 200)
            let began = ContinuousClock.now
            #expect(try ending.readCloseCode() == 1008)
            #expect(ContinuousClock.now - began < .seconds(11))
            try living.send(#"{"action":"ping","seq":1}"#)
            #expect(try living.readText()?.contains("pong") == true)
        }

        @Test func `remembers sessions through a restart, and those that ended too`() throws {
            let folder = try Folder()
            var node = try RunningNode(in: folder)
            let login = try node.logIn()
            let gone = try node.logIn("bob")
            #expect(try node.post("/api/v4/users/logout", "", gone.bearer).status == 200)
            #expect(try node.end() == 0)
            node = try RunningNode(in: folder)
            #expect(try node.get("/api/v4/users/me", login.bearer).status == 200)
            #expect(try node.get("/api/v4/users/me", gone.bearer).status == 401)
            let socket = try SocketClient(node.connect(), fields: login.bearer)
            #expect(try socket.readText()?.contains("hello") == true)
        }

        @Test func `remembers a session when it was killed`() throws {
            let folder = try Folder()
            let node = try RunningNode(in: folder)
            let login = try node.logIn()
            node.child.signal(SIGKILL)
            #expect(try node.child.waitUntilEnd() == 128 + SIGKILL)
            let next = try RunningNode(in: folder)
            #expect(try next.get("/api/v4/users/me", login.bearer).status == 200)
        }

        @Test func `opens a websocket for a remembered session's cookie after a restart`() throws {
            let folder = try Folder()
            var node = try RunningNode(in: folder)
            let login = try node.logIn()
            #expect(try node.end() == 0)
            node = try RunningNode(in: folder)
            let socket = try SocketClient(node.connect(), fields: ["Cookie: \(login.cookie)"])
            #expect(try socket.readText()?.contains("hello") == true)
        }

        @Test func `lets nobody try one login after the other from one address`() throws {
            let folder = try Folder()
            let node = try RunningNode(
                "[limits]\nlogin_burst = 3\nlogins_per_second = 1\n",
                in: folder
            )
            for number in 0..<3 {
                #expect(try node.logIn("name\(number)").answer.status == 200)
            }
            let refused = try node.logIn("one-more").answer
            #expect(refused.status == 429)
            #expect(refused.field("retry-after") == "1")
            #expect(try eventually { try node.logIn("one-more").answer.status == 200 })
        }

        @Test func `answers who asks too often as the Calls plugin does`() throws {
            let node = try RunningNode("[limits]\nrequest_burst = 5\n")
            let login = try node.logIn()
            let client = try node.connect()
            let config = "/plugins/com.mattermost.calls/config"
            var answers: [Client.Response] = []
            for _ in 0..<8 { answers.append(try client.get(config, login.bearer)) }
            #expect(answers.prefix(5).allSatisfy { $0.status == 200 })
            let refused = try #require(answers.last)
            #expect(refused.status == 429)
            #expect(refused.text == #"{"message": "too many requests", "status_code": 429}"#)
            #expect(refused.field("retry-after") == "1")
            let other = try node.logIn("bob")
            #expect(try node.get(config, other.bearer).status == 200)
        }

        @Test(arguments: [
            ("", 400), ("{", 400), ("[]", 400), (#"{"login_id":""}"#, 400),
            (#"{"login_id":7}"#, 400),
            (#"{"login_id":"\#(String(repeating: "x", count: 20_000))"}"#, 413),
        ])
        func `refuses a login it can't read`(body: String, status: Int) throws {
            let node = try RunningNode()
            let answer = try node.post("/api/v4/users/login", body)
            #expect(answer.status == status)
            #expect(!answer.text.isEmpty)
        }
    }
}

extension SocketClient {
    init(_ client: Client, fields: [String]) throws {
        try self.init(client, "/api/v4/websocket", fields)
    }
}
