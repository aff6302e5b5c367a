import Foundation
import Testing

extension `A node` {
    @Suite struct `given certificates by roost cluster init` {
        private func mode(_ folder: Folder, _ name: String) throws -> Int {
            let all = try FileManager.default.attributesOfItem(atPath: folder.path(name))
            return (all[.posixPermissions] as? NSNumber)?.intValue ?? 0
        }

        private func verify(_ name: String, _ folder: Folder) throws -> Bool {
            let command = [
                "openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-verify_hostname",
                name, "-CAfile", "certificates/ca.pem", "certificates/\(name).pem",
            ]
            return try Child(command, as: "openssl-\(name)", in: folder).waitUntilEnd() == 0
        }

        @Test func `gets files of its own, which the authority's certificate vouches for`() throws {
            let folder = try Folder()
            let run = try Run("cluster", "init", "node-1=127.0.0.1,fd00::1", "node-2", in: folder)
            #expect(run.code == 0, "\(run.complaints)")
            for name in ["ca", "node-1", "node-2"] {
                #expect(try mode(folder, "certificates/\(name).pem") == 0o600)
                #expect(try mode(folder, "certificates/\(name).key") == 0o600)
            }
            #expect(try mode(folder, "certificates") == 0o700)
            #expect(try verify("node-1", folder) && verify("node-2", folder))
            // What is printed is what settings take.
            let part = try #require(run.output.range(of: "[cluster]\n"))
            let lines = run.output[part.lowerBound...].split(separator: "\n").prefix(4)
            try folder.write("roost.toml", lines.joined(separator: "\n"))
            #expect(try Run("config", "check", in: folder).code == 0)
        }

        @Test func `joins later under the same authority`() throws {
            let folder = try Folder()
            #expect(try Run("cluster", "init", "node-1", in: folder).code == 0)
            let authority = folder.text("certificates/ca.pem")
            #expect(try Run("cluster", "init", "node-2", "--days", "9", in: folder).code == 0)
            #expect(folder.text("certificates/ca.pem") == authority)
            #expect(try verify("node-1", folder) && verify("node-2", folder))
        }

        @Test func `keeps what it has`() throws {
            let folder = try Folder()
            #expect(try Run("cluster", "init", "node-1", in: folder).code == 0)
            let key = folder.text("certificates/node-1.key")
            let again = try Child(
                [RunningNode.binary, "cluster", "init", "node-2", "node-1"],
                as: "again",
                in: folder
            )
            #expect(try again.waitUntilEnd() == 1)
            #expect(again.complaints.contains("certificates/node-1.pem is there already"))
            #expect(folder.text("certificates/node-1.key") == key)
            #expect(folder.text("certificates/node-2.key").isEmpty)
        }

        @Test func `is refused an authority without its key`() throws {
            let folder = try Folder()
            #expect(try Run("cluster", "init", "node-1", in: folder).code == 0)
            try FileManager.default.removeItem(atPath: folder.path("certificates/ca.key"))
            let again = try Child(
                [RunningNode.binary, "cluster", "init", "node-2"],
                as: "again",
                in: folder
            )
            #expect(try again.waitUntilEnd() == 1)
            #expect(again.complaints.contains("bring ca.pem and ca.key together"))
        }

        @Test(arguments: [
            (["init"], "name the nodes, such as: roost cluster init node-1=10.0.0.1"),
            (["init", "a/b"], "\"a/b\" can't name a node's files"),
            (["init", "ca"], "\"ca\" can't name a node's files"),
            (["init", "n", "n"], "n is named twice"),
            (["init", "n", "--days", "0"], "--days 0 is not a number of days from 1 to 3650"),
            (["frob"], "there is no \"cluster frob\"; see roost cluster --help"),
        ])
        func `is refused names that are none, with a remedy`(
            words: [String],
            remedy: String
        ) throws {
            let folder = try Folder()
            let child = try Child([RunningNode.binary, "cluster"] + words, in: folder)
            #expect(try child.waitUntilEnd() == 2)
            #expect(child.complaints.contains(remedy), "\(child.complaints)")
            #expect(!FileManager.default.fileExists(atPath: folder.path("certificates")))
        }
    }
}
