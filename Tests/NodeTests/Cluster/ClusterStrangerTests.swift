import Crypto
import Foundation
import Glibc
import Testing

extension `A node` {
    /// Certificates that the others do not believe, whichever side shows them.
    @Suite(.enabled(if: SlowTests.canRun)) struct `whose certificate is wrong` {
        typealias Three = `that is one of three`

        private static func authority() throws -> CertificateAuthority {
            var random = SystemRandomNumberGenerator()
            let now = Int64(Date().timeIntervalSince1970)
            return try CertificateAuthority(
                name: "Roost cluster",
                notBefore: now - 3_600,
                notAfter: now + 3_600,
                using: &random
            )
        }

        /// Settings for a node of that name, by a certificate that counts from and to so many seconds from now.
        private static func settings(
            _ name: String,
            by authority: CertificateAuthority,
            from start: Int64 = -600,
            to end: Int64 = 600,
            believing: CertificateAuthority? = nil,
            in folder: Folder
        ) throws -> String {
            var random = SystemRandomNumberGenerator()
            let now = Int64(Date().timeIntervalSince1970)
            let issued = try authority.issue(
                names: [name],
                notBefore: now + start,
                notAfter: now + end,
                using: &random
            )
            let files = [
                ("ca.pem", (believing ?? authority).certificatePEM),
                ("\(name).pem", issued.certificatePEM), ("\(name).key", issued.keyPEM),
            ]
            for (file, bytes) in files {
                try folder.write(file, String(decoding: bytes, as: UTF8.self))
            }
            return """
                ca = "\(folder.path("ca.pem"))"
                certificate = "\(folder.path("\(name).pem"))"
                key = "\(folder.path("\(name).key"))"
                """
        }

        /// What `roost cluster status` says at a node.
        private func status(_ node: RunningNode) throws -> Run {
            try Run("cluster", "status", "--at", "http://127.0.0.1:\(node.metricsPort)")
        }

        @Test func `of another authority is not let in, and all say so`() throws {
            let (folder, theirs) = (try Folder(), try Folder())
            let authority = try Self.authority()
            let cluster = RunningCluster(of: try RunningRedis())
            for name in ["node-1", "node-2"] {
                let own = try Self.settings(name, by: authority, in: folder)
                _ = try cluster.add(name, own: own)
            }
            let (ada, bob) = try Three.two(in: cluster)
            let own = try Self.settings("mallory", by: Self.authority(), in: theirs)
            let stranger = try cluster.make("mallory", own: own)
            #expect(stranger.logs("both nodes need a certificate of one authority"))
            #expect(cluster.nodes.contains { $0.logs("is not believed") })
            let door = try stranger.get("/readyz")
            #expect(door.status == 503)
            #expect(door.text.contains("`roost cluster status` here says what is in the way"))
            let told = try status(stranger)
            #expect(told.code == 4)
            #expect(told.output.contains("mallory: new calls can't begin"), "\(told)")
            #expect(
                told.output.contains("both nodes need a certificate of one authority"),
                "\(told)"
            )
            // It begins nothing, and the others go on as ever.
            let eve = try Caller(stranger, as: "eve")
            try eve.join(Three.channel(1))
            _ = try eve.hear("error")
            try Three.meet([ada, bob], "as ever")
            for node in cluster.nodes { #expect(try node.figure("roost_cluster_links") == 1) }
            #expect(ada.gaps == [] && bob.gaps == [])
        }

        @Test(arguments: [
            (Int64(-600), Int64(-60), "node-1", "cluster.certificate has expired on"),
            (300, 600, "node-1", "is this machine's clock right?"),
            (-600, 600, "node-9", "make one for it with `roost cluster init node-1`"),
        ])
        func `that nobody would believe does not begin`(
            start: Int64,
            end: Int64,
            name: String,
            why: String
        ) throws {
            let folder = try Folder()
            let own = try Self.settings(
                name,
                by: Self.authority(),
                from: start,
                to: end,
                in: folder
            )
            let cluster = RunningCluster(of: try RunningRedis())
            do {
                _ = try cluster.make("node-1", own: own)
                Issue.record("it has begun")
            } catch {
                #expect("\(error)".contains(why), "\(error)")
            }
        }

        @Test func `has run out keeps its links, and gets no new ones`() throws {
            let folder = try Folder()
            let authority = try Self.authority()
            let redis = try RunningRedis()
            let cluster = RunningCluster(of: redis)
            let long = try Self.settings("node-1", by: authority, in: folder)
            let short = try Self.settings("node-2", by: authority, to: 12, in: folder)
            let end = ContinuousClock.now + .seconds(13)
            _ = try cluster.add("node-1", own: long)
            let second = try cluster.add("node-2", own: short)
            let left = try second.figure("roost_cluster_certificate_not_after_seconds")
            #expect(abs(left - Date().timeIntervalSince1970 - 12) < 20)
            let (ada, bob) = try Three.two(in: cluster)
            // Who offers no media is sent away meanwhile.
            for caller in [ada, bob] { try caller.sayOffer(Caller.offer) }
            while ContinuousClock.now < end { usleep(200_000) }
            try Three.meet([ada, bob], "after its end")
            // Another process, which has never believed it.
            let third = try Self.settings("node-3", by: authority, in: folder)
            let late = try cluster.make("node-3", own: third)
            let isTold = late.logs("expired") || second.logs("expired")
            #expect(isTold, "\(late.log.suffix(2_000))")
            var told = ""
            let isShown = try eventually {
                told = try status(late).output
                return told.contains("node-2") && told.contains("expired")
            }
            #expect(isShown, "\(told)")
            try Three.meet([ada, bob], "still")
        }
    }
}
