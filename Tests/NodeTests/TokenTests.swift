import Foundation
import Testing

extension `A node` {
    @Suite struct `that believes signed tokens` {
        static let secret = "a-secret-of-tests-that-nobody-should-ever-see-0123456789"

        /// A folder whose settings have one key of this algorithm, which `roost token key` made.
        private func folder(_ algorithm: String) throws -> Folder {
            let folder = try Folder()
            let run = try Run("token", "key", algorithm)
            #expect(run.code == 0)
            let made = run.output
            var settings = "[identity]\nprovider = \"tokens\"\n"
            if algorithm == "HS256" {
                settings += made
            } else {
                let blocks = made.components(separatedBy: "-----BEGIN ")
                let texts = blocks.dropFirst().map { block in
                    "-----BEGIN "
                        + block.split(separator: "\n").filter { !$0.hasPrefix("#") }
                        .joined(separator: "\n") + "\n"
                }
                #expect(texts.count == 2)
                try folder.write("private.pem", texts[0])
                try folder.write("token.pub.pem", texts[1])
                settings += "[[identity.keys]]\nid = \"main\"\nalgorithm = \"\(algorithm)\"\n"
                settings +=
                    "public_key_file = \"token.pub.pem\"\nprivate_key_file = \"private.pem\"\n"
            }
            try folder.write("settings.toml", settings)
            return folder
        }

        private func node(in folder: Folder) throws -> RunningNode {
            try RunningNode(folder.text("settings.toml"), in: folder)
        }

        private func mint(in folder: Folder, _ words: [String] = []) throws -> String {
            let name = "mint-" + UUID().uuidString
            let all = ["token", "--config", "settings.toml", "--user", "ada"] + words
            let child = try Child([RunningNode.binary] + all, as: name, in: folder)
            #expect(try child.waitUntilEnd() == 0, "\(child.complaints)")
            return child.output.trimmingCharacters(in: .whitespacesAndNewlines)
        }

        @Test(arguments: ["HS256", "ES256", "EdDSA"])
        func `takes the tokens that its command mints with a key that its command made`(
            algorithm: String
        ) throws {
            let folder = try folder(algorithm)
            let node = try node(in: folder)
            let token = try mint(in: folder, ["--name", "Ada L.", "--channel", "c1=read,join"])
            #expect(token.split(separator: ".").count == 3)
            let bearer = "Authorization: Bearer \(token)"
            #expect(try node.get("/api/v4/users/me", [bearer]).text.contains("Ada L."))
            let login = Login(try node.post("/api/v4/users/login", #"{"token":"\#(token)"}"#))
            #expect(login.answer.status == 200)
            #expect(try node.get("/api/v4/users/me", login.bearer).text.contains("Ada L."))
            let socket = try SocketClient(node.connect(), fields: [bearer])
            #expect(try socket.readText()?.contains("hello") == true)
            let other = try SocketClient(node.connect())
            try other.send(
                #"{"action":"authentication_challenge","seq":1,"data":{"token":"\#(token)"}}"#
            )
            #expect(try other.readText()?.contains("OK") == true)
            // What was shown to the node is nowhere in its log.
            #expect(!node.log.contains(token.suffix(40)))
        }

        @Test func `refuses forgeries and says what is wrong with them`() throws {
            let folder = try folder("HS256")
            let node = try node(in: folder)
            let token = try mint(in: folder)
            let parts = token.split(separator: ".").map(String.init)
            let now = Int(Date().timeIntervalSince1970)
            let short = try mint(in: folder, ["--expires", "1s"])
            let unsigned = Self.encode(#"{"alg":"none","kid":"main"}"#)
            let otherKey = Self.encode(#"{"alg":"HS256","kid":"other"}"#)
            let otherAlgorithm = Self.encode(#"{"alg":"ES256","kid":"main"}"#)
            let admin = Self.encode(#"{"sub":"ada","adm":true,"iat":\#(now),"exp":\#(now + 60)}"#)
            for (forged, word) in [
                ("\(unsigned).\(parts[1]).", "none"),
                ("\(unsigned).\(parts[1]).\(parts[2])", "none"),
                ("\(otherKey).\(parts[1]).\(parts[2])", "kid"),
                ("\(otherAlgorithm).\(parts[1]).\(parts[2])", "HS256"),
                ("\(parts[0]).\(admin).\(parts[2])", "signature"),
                (
                    "\(parts[0]).\(parts[1]).\(parts[2].reversed().map(String.init).joined())",
                    "signature"
                ),
                ("\(parts[0]).\(parts[1])", "part"), ("a.b.c", "header"), ("..", "header"),
            ] {
                let answer = try node.get("/api/v4/users/me", ["Authorization: Bearer \(forged)"])
                #expect(answer.status == 401, "\(forged)")
                #expect(answer.text.contains(word), "\(word): \(answer.text)")
                #expect(answer.field("www-authenticate") == "Bearer")
                let login = try node.post("/api/v4/users/login", #"{"token":"\#(forged)"}"#)
                #expect(login.status == 401, "\(forged)")
                #expect(login.text.contains(word), "\(word): \(login.text)")
            }
            #expect(
                try node.get("/api/v4/users/me", ["Authorization: Bearer \(token)"]).status == 200
            )
            // Within the skew an expired token counts; a node without skew refuses it.
            #expect(try node.end() == 0)
            let strict = try RunningNode(
                folder.text("settings.toml").replacing("[[", with: "clock_skew = \"0s\"\n[["),
                in: folder
            )
            usleep(1_200_000)
            let late = try strict.get("/api/v4/users/me", ["Authorization: Bearer \(short)"])
            #expect(late.status == 401)
            #expect(late.text.contains("expired"), "\(late.text)")
        }

        @Test func `takes no names`() throws {
            let folder = try folder("EdDSA")
            let node = try node(in: folder)
            let answer = try node.post("/api/v4/users/login", #"{"login_id":"ada"}"#)
            #expect(answer.status == 401)
            #expect(answer.text.contains("this node takes signed tokens"))
        }

        @Test func `says what is wrong with its keys`() throws {
            let folder = try folder("ES256")
            let settings = folder.text("settings.toml")
            for (change, word) in [
                (
                    settings.replacing("ES256", with: "EdDSA"),
                    "declared EdDSA, but the key is for ES256"
                ),
                (settings.replacing("token.pub", with: "missing"), "missing.pem"),
                (settings.replacing("token.pub", with: "settings"), "settings.pem"),
            ] {
                try folder.write("changed.toml", change)
                let run = try Run(
                    "serve",
                    "--config",
                    "changed.toml",
                    "--set",
                    "http.listen=127.0.0.1:0",
                    in: folder
                )
                #expect(run.code == 1)
                #expect(run.complaints.contains("identity.keys \"main\""), "\(run.complaints)")
                #expect(run.complaints.contains(word), "\(run.complaints)")
            }
        }

        @Test func `shows its secrets to nobody`() throws {
            let folder = try Folder()
            let secret = Self.secret
            let settings = """
                [identity]
                provider = "tokens"
                [[identity.keys]]
                id = "main"
                algorithm = "HS256"
                secret = "\(secret)"
                [media]
                turn_secret = "turn-\(secret)"
                [redis]
                sentinel_password = "word-\(secret)"
                [cluster]
                secret = "cluster-\(secret)"
                [log]
                level = "trace"
                """
            let node = try RunningNode(settings, in: folder)
            let token = try Run("token", "--user", "ada", in: folder).output
                .trimmingCharacters(in: .whitespacesAndNewlines)
            let login = Login(try node.post("/api/v4/users/login", #"{"token":"\#(token)"}"#))
            #expect(login.answer.status == 200)
            _ = try node.get("/api/v4/users/me?token=\(login.token)", login.bearer)
            _ = try node.get("/api/v4/users/me", ["Cookie: \(login.cookie)"])
            _ = try node.post("/api/v4/users/logout", "", ["Cookie: \(login.cookie)"])
            let changed = settings.replacing("secret = \"a-", with: "secret = \"b-")
            try folder.write("roost.toml", changed)
            node.child.signal(SIGHUP)
            #expect(node.logs(#""message":"reloaded""#))
            try folder.write("roost.toml", changed.replacing("HS256", with: "ES256"))
            node.child.signal(SIGHUP)
            #expect(node.logs("nothing was reloaded"))
            var said = try Run("config", in: folder).complaints
            for broken in [
                settings.replacing("[redis]\n", with: "[redis]\nurl = \"http://u:\(secret)@h\"\n"),
                settings.replacing("\"\n[", with: "\n["),
                settings.replacing("secret = \"", with: "sekret = \""),
            ] {
                try folder.write("roost.toml", broken)
                let run = try Run("config", in: folder)
                said += run.output + run.complaints
            }
            try folder.write("roost.toml", settings)
            for words in ["config", "config check", "config reference"] {
                let all = words.split(separator: " ").map(String.init)
                let child = try Child([RunningNode.binary] + all, as: "shown", in: folder)
                #expect(try child.waitUntilEnd() == 0)
                said += child.output + child.complaints
            }
            said += try node.end() == 0 ? node.log + node.child.output : ""
            let core = String(secret.dropFirst(2))
            #expect(said.contains("********"))
            #expect(
                !said.contains(core),
                "\(said.split(separator: "\n").filter { $0.contains(core) })"
            )
            for word in [login.token, login.csrf, String(token.suffix(43))] {
                #expect(word.count > 20)
                #expect(!said.contains(word), "\(word)")
            }
            // At rest, the store holds no token either.
            let store = folder.path("data/roost.db")
            let bytes = try Data(contentsOf: URL(fileURLWithPath: store))
            #expect(bytes.range(of: Data(login.token.utf8)) == nil)
        }

        private static func encode(_ json: String) -> String {
            Data(json.utf8).base64EncodedString().replacing("=", with: "")
                .replacing("+", with: "-").replacing("/", with: "_")
        }
    }
}
