import Crypto
import Foundation
import IO
import Testing

extension `A node` {
    @Suite struct `when it starts` {
        @Test func `says where it is, and is there`() throws {
            let node = try RunningNode()
            #expect(node.child.output == "Roost is ready: http://localhost:\(node.port)\n")
            #expect(try node.get("/healthz").text == #"{"status":"alive"}"#)
            #expect(try node.get("/readyz").text == #"{"status":"ready"}"#)
            #expect(try node.get("/version").text.contains(#""roost":"#))
            #expect(try node.get("/").status == 200)
            #expect(try node.end() == 0)
        }

        @Test func `names the setting when its port is in use`() throws {
            let first = try RunningNode()
            let run = try Run(
                "serve",
                "--set",
                "http.listen=127.0.0.1:\(first.port)",
                "--set",
                "metrics.listen=[]",
                "--set",
                "media.udp_port=0",
                "--set",
                "media.tcp_port=0"
            )
            #expect(run.code == 1)
            #expect(run.complaints.contains("http.listen: could not bind 127.0.0.1:\(first.port)"))
            #expect(run.complaints.contains("another process has this port"))
            let metrics = try Run(
                "serve",
                "--set",
                "http.listen=127.0.0.1:0",
                "--set",
                "metrics.listen=127.0.0.1:\(first.port)"
            )
            #expect(metrics.code == 1)
            #expect(metrics.complaints.contains("set metrics.listen"))
        }

        @Test func `names the address that the machine does not have`() throws {
            let run = try Run(
                "serve",
                "--set",
                "http.listen=192.0.2.1:0",
                "--set",
                "metrics.listen=[]",
                "--set",
                "identity.insecure_dev=true"
            )
            #expect(run.code == 1)
            #expect(run.complaints.contains("this machine has no such address"))
        }

        @Test func `serves no strangers while it believes any name`() throws {
            let run = try Run("serve", "--set", "http.listen=:0", "--set", "metrics.listen=[]")
            #expect(run.code == 3)
            #expect(run.complaints.contains("http.listen must be loopback only"))
            #expect(run.complaints.contains("identity.insecure_dev"))
            let node = try RunningNode("[identity]\ninsecure_dev = true\n", listen: "0.0.0.0:0")
            #expect(try node.get("/healthz").status == 200)
        }

        // MARK: - TLS

        @Test func `serves TLS with the certificate it is given`() throws {
            let folder = try Folder()
            let identity = try TestCertificate(in: folder)
            let node = try RunningNode(identity.settings, in: folder)
            #expect(node.child.output.contains("https://localhost:\(node.port)"))
            let client = try node.connect()
            try client.secure(trusting: identity.certificatePEM)
            #expect(try client.get("/healthz").status == 200)
            let login = Login(try client.post("/api/v4/users/login", #"{"login_id":"ada"}"#))
            for cookie in login.answer.all("set-cookie") { #expect(cookie.contains("; Secure")) }
            #expect(!node.log.contains("expire"))
        }

        @Test func `says which file of its TLS set-up can't be read`() throws {
            let folder = try Folder()
            let identity = try TestCertificate(in: folder)
            try FileManager.default.removeItem(atPath: folder.path("key.pem"))
            let run = try Run(
                "serve",
                "--config",
                folder.write("a.toml", identity.settings),
                in: folder
            )
            #expect(run.code == 1)
            #expect(run.complaints.contains("http.tls_key: "))
            #expect(run.complaints.contains("key.pem"))
            #expect(run.complaints.contains("correct the path, or let this user read it"))
        }

        /// Root reads whatever it likes, so this runs as somebody else.
        @Test(.enabled(if: geteuid() == 0, "only root can become somebody else"))
        func `says which file of its TLS set-up it is not allowed to read`() throws {
            let folder = try Folder()
            let identity = try TestCertificate(in: folder)
            let settings = try folder.write("a.toml", identity.settings)
            let nobody = [
                "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs",
            ]
            // The binary is where nobody may go, in a home of root's, so it goes along.
            let copy = folder.path("roost")
            try FileManager.default.copyItem(atPath: RunningNode.binary, toPath: copy)
            for (path, mode) in [
                ("", 0o755), ("roost", 0o755), ("a.toml", 0o644), ("certificate.pem", 0o644),
                ("key.pem", 0o600),
            ] {
                try FileManager.default.setAttributes(
                    [.posixPermissions: mode],
                    ofItemAtPath: folder.path(path)
                )
            }
            for (verb, remedy) in [
                ("serve", "let this user read it"), ("doctor", "sudo chown 65534 key.pem"),
            ] {
                let child = try Child(
                    nobody + [copy, verb, "--config", settings],
                    as: verb,
                    in: folder
                )
                #expect(try child.waitUntilEnd() == 1)
                let said = child.output + child.complaints
                #expect(said.contains("http.tls_key"), "\(said)")
                #expect(said.contains("key.pem"), "\(said)")
                #expect(said.contains("Permission denied"), "\(said)")
                #expect(said.contains(remedy), "\(said)")
            }
        }

        @Test func `refuses a key that is not the certificate's, or is no key`() throws {
            let folder = try Folder()
            let identity = try TestCertificate(in: folder)
            let other = try TestCertificate()
            let settings = try folder.write("a.toml", identity.settings)
            try folder.write("key.pem", other.keyPEM)
            var run = try Run("serve", "--config", settings, in: folder)
            #expect(run.code == 1)
            #expect(
                run.complaints.contains("http.tls_certificate and http.tls_key: "),
                "\(run.complaints)"
            )
            try folder.write("key.pem", "no key at all\n")
            run = try Run("serve", "--config", settings, in: folder)
            #expect(run.code == 1)
            #expect(run.complaints.contains("http.tls_key"), "\(run.complaints)")
        }

        @Test func `warns of a certificate that has expired, or is about to`() throws {
            let folder = try Folder()
            let old = try TestCertificate(in: folder, from: -90, to: -1)
            var node = try RunningNode(old.settings, in: folder)
            #expect(node.logs("the TLS certificate has expired"))
            #expect(try node.end() == 0)
            let waning = try TestCertificate(in: folder, from: -60, to: 5)
            node = try RunningNode(waning.settings, in: folder)
            #expect(node.logs("expires within two weeks"))
        }

        // MARK: - The store

        @Test func `leaves a store alone that a running node has`() throws {
            let node = try RunningNode()
            let run = try Run(
                "serve",
                "--set",
                "http.listen=127.0.0.1:0",
                "--set",
                "metrics.listen=[]",
                in: node.folder
            )
            #expect(run.code == 1)
            #expect(run.complaints.contains("is in use by process \(node.child.process)"))
            #expect(run.complaints.contains("store.path"))
        }

        @Test func `leaves a store alone that a newer version wrote`() throws {
            let node = try RunningNode()
            #expect(try node.end() == 0)
            // SQLite's file format, section 1.3.17: the user version stands at byte 60.
            let path = node.folder.path("data/roost.db")
            var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            bytes.replaceSubrange(60..<64, with: [0, 0, 3, 231])
            try node.folder.write("data/roost.db", bytes)
            let run = try Run("serve", "--set", "http.listen=127.0.0.1:0", in: node.folder)
            #expect(run.code == 1)
            #expect(run.complaints.contains("newer"), "\(run.complaints)")
            #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) == bytes)
        }

        @Test func `says what is wrong with a store it can't write or understand`() throws {
            let folder = try Folder()
            try folder.write("file", "no folder")
            try folder.write(
                "text.db",
                String(repeating: "no database, but long enough ", count: 99)
            )
            for (path, word) in [
                ("file/roost.db", "file is a file"), ("/proc/roost.db", "/proc"),
                ("text.db", "text.db"),
            ] {
                let run = try Run(
                    "serve",
                    "--set",
                    "http.listen=127.0.0.1:0",
                    "--set",
                    "metrics.listen=[]",
                    "--set",
                    "store.path=\(path)",
                    in: folder
                )
                #expect(run.code == 1)
                #expect(run.complaints.contains(word), "\(run.complaints)")
                #expect(run.complaints.contains("store.path"), "\(run.complaints)")
            }
        }

        @Test func `says that its log file can't be opened`() throws {
            let run = try Run("serve", "--set", "log.file=/nowhere/roost.log")
            #expect(run.code == 1)
            #expect(run.complaints.contains("/nowhere/roost.log"))
            #expect(run.complaints.contains("log.file"))
        }
    }
}

/// A certificate for localhost, in files or not.
struct TestCertificate {
    let certificatePEM: [UInt8]
    let keyPEM: [UInt8]

    let settings = "[http]\ntls_certificate = \"certificate.pem\"\ntls_key = \"key.pem\"\n"

    /// Valid between two days, counted from today.
    init(in folder: Folder? = nil, from first: Int64 = -1, to last: Int64 = 90) throws {
        var random = SecureRandom()
        let now = Loop.readWallClock().seconds
        let made = try SelfSigned(
            names: ["localhost", "127.0.0.1"],
            notBefore: now + first * 86_400,
            notAfter: now + last * 86_400,
            using: &random
        )
        certificatePEM = made.certificatePEM
        keyPEM = made.keyPEM
        try folder?.write("certificate.pem", certificatePEM)
        try folder?.write("key.pem", keyPEM)
    }
}
