import Foundation
import Testing

extension `A node` {
    @Suite struct `told to reload` {
        private func reload(_ node: RunningNode, _ settings: String) throws {
            let before = node.log.components(separatedBy: "reloaded\"").count
            try node.folder.write("roost.toml", settings)
            node.child.signal(SIGHUP)
            let isDone = eventually {
                let log = node.log + node.folder.text("roost.log")
                return log.components(separatedBy: "reloaded\"").count > before
                    || log.contains("nothing was reloaded")
            }
            #expect(isDone)
        }

        @Test func `takes what can change, and says what can't`() throws {
            let node = try RunningNode()
            _ = try node.get("/healthz?secret=1")
            #expect(!node.log.contains(#""path":"/healthz""#))
            try reload(node, "[log]\nlevel = \"debug\"\n[store]\npath = \"other.db\"\n")
            #expect(node.log.contains("a setting has changed that needs a restart"))
            #expect(node.log.contains("store.path"))
            #expect(try node.get("/healthz?secret=1").status == 200)
            #expect(node.logs(#""path":"/healthz","status":200"#))
            #expect(!node.log.contains("secret=1"))
        }

        @Test func `says at each reload what still needs a restart`() throws {
            let node = try RunningNode("[store]\npath = \"a.db\"\n")
            for count in 1...2 {
                try reload(node, "[store]\npath = \"b.db\"\n")
                let sentence = #"store.path changed from \"a.db\" to \"b.db\"; restart"#
                #expect(node.log.components(separatedBy: sentence).count == 1 + count)
            }
            try reload(node, "[store]\npath = \"a.db\"\n")
            #expect(node.logs(#""message":"reloaded","changes":0"#))
        }

        @Test func `lets nobody in by a provider that needs a restart, however often it is told`()
            throws
        {
            let settings = """
                [identity]
                provider = "tokens"
                [[identity.keys]]
                id = "a"
                algorithm = "HS256"
                secret = "\(String(repeating: "a", count: 40))"
                """
            let node = try RunningNode(settings)
            for _ in 1...2 {
                try reload(node, "[identity]\nprovider = \"dev\"\n")
                let answer = try node.post(
                    "/api/v4/users/login",
                    #"{"login_id":"mallory","password":""}"#
                )
                #expect((400..<500).contains(answer.status))
            }
        }

        @Test func `takes a file that is gone for a fault`() throws {
            let node = try RunningNode("[log]\nlevel = \"debug\"\n")
            try FileManager.default.removeItem(atPath: node.folder.path("roost.toml"))
            node.child.signal(SIGHUP)
            #expect(eventually { node.logs("nothing was reloaded") })
            #expect(node.log.contains("could not read roost.toml"))
        }

        @Test func `keeps what it has when the new settings are wrong`() throws {
            let node = try RunningNode("[limits]\nrequest_burst = 3\n")
            try reload(node, "[limits]\nrequest_burst = \"many\"\n")
            #expect(node.log.contains("nothing was reloaded; the settings in effect stay"))
            #expect(node.log.contains("roost.toml line 2: limits.request_burst"))
            #expect(try node.get("/readyz").status == 200)
        }

        @Test func `shows a new certificate to newcomers while others stay`() throws {
            let folder = try Folder()
            let old = try TestCertificate(in: folder)
            let node = try RunningNode(old.settings, in: folder)
            let staying = try node.connect()
            try staying.secure(trusting: old.certificatePEM)
            #expect(try staying.get("/healthz").status == 200)
            let new = try TestCertificate(in: folder)
            try reload(node, old.settings)
            let newcomer = try node.connect()
            try newcomer.secure(trusting: new.certificatePEM)
            #expect(try newcomer.get("/healthz").status == 200)
            #expect(try staying.get("/healthz").status == 200)
            #expect(throws: (any Error).self) {
                try node.connect().secure(trusting: old.certificatePEM)
            }
            try folder.write("key.pem", "broken")
            try reload(node, old.settings)
            #expect(node.logs("nothing was reloaded"))
            let another = try node.connect()
            try another.secure(trusting: new.certificatePEM)
            #expect(try another.get("/healthz").status == 200)
        }

        @Test func `takes a new key beside the old, and lets the old go`() throws {
            func key(_ id: String) -> String {
                """

                [[identity.keys]]
                id = "\(id)"
                algorithm = "HS256"
                secret = "\(String(repeating: id, count: 40))"
                """
            }
            let start = "[identity]\nprovider = \"tokens\"\n"
            let node = try RunningNode(start + key("a"))
            func mint(_ id: String) throws -> [String] {
                try node.folder.write("both.toml", start + key("a") + key("b"))
                let run = try Run(
                    "token",
                    "--config",
                    "both.toml",
                    "--user",
                    "ada",
                    "--key",
                    id,
                    in: node.folder
                )
                return ["Authorization: Bearer \(run.output.split(separator: "\n").first ?? "")"]
            }
            func status(_ id: String) throws -> Int {
                try node.get("/api/v4/users/me", mint(id)).status
            }
            #expect(try status("a") == 200)
            #expect(try status("b") == 401)
            try reload(node, start + key("a") + key("b"))
            #expect(try status("a") == 200)
            #expect(try status("b") == 200)
            try reload(node, start + key("b"))
            #expect(try status("a") == 401)
            #expect(try status("b") == 200)
        }

        @Test func `opens its log file anew when it was put aside`() throws {
            let settings = "[log]\nfile = \"roost.log\"\n"
            let node = try RunningNode(settings)
            try FileManager.default.moveItem(
                atPath: node.folder.path("roost.log"),
                toPath: node.folder.path("aside.log")
            )
            try reload(node, settings)
            #expect(eventually { node.folder.text("roost.log").contains("reloaded") })
            #expect(node.folder.text("aside.log").contains("ready"))
        }

        @Test func `begins a new log file when the old one is full`() throws {
            let node = try RunningNode(
                "[log]\nfile = \"roost.log\"\nlevel = \"debug\"\nfile_bytes = \"64KiB\"\nfile_keep = 2\n"
            )
            let client = try node.connect()
            for _ in 0..<2_000 { _ = try client.get("/healthz") }
            #expect(eventually { !node.folder.text("roost.log.2").isEmpty })
            for name in ["roost.log", "roost.log.1", "roost.log.2"] {
                let text = node.folder.text(name)
                #expect(text.utf8.count <= 64 << 10)
                #expect(text.isEmpty || (text.hasPrefix("{") && text.hasSuffix("}\n")))
            }
            #expect(node.folder.text("roost.log.3").isEmpty)
        }
    }
}
