import Basics
import Crypto
import Doctor
import Foundation
import Media
import Testing

/// Against Debian's coturn and redis-server, started here on free ports.
@Suite(.serialized) struct `The doctor asks the services` {
    @Test func `STUN and TURN, and believes only an allocation`() throws {
        let port = try freePort()
        let coturn = try Companion("/usr/bin/turnserver") { folder in
            [
                "-n", "-L", "127.0.0.1", "-E", "127.0.0.1", "-p", "\(port)", "--no-tls",
                "--no-dtls",
                "--use-auth-secret", "--static-auth-secret", "open sesame", "-r", "roost.test",
                "--no-cli", "--userdb", folder.path("turn.db"), "--log-file", "stdout",
                "--allow-loopback-peers", "--pidfile", folder.path("turn.pid"),
            ]
        } isReady: {
            accepts(port)
        }
        let stun = try #require(STUNServer("stun:127.0.0.1:\(port)"))
        #expect(STUNCheck(stun, advertised: "").look() == .ok("sees this machine as 127.0.0.1"))
        #expect(STUNCheck(stun, advertised: "127.0.0.1").look().verdict == "ok")
        let elsewhere = STUNCheck(stun, advertised: "192.0.2.1").look()
        #expect(elsewhere.verdict == "warn")
        #expect(elsewhere.remedy?.contains("ROOST_MEDIA_HOST_OVERRIDE=127.0.0.1") == true)

        let now = Int64(Date().timeIntervalSince1970)
        for isStream in [false, true] {
            let transport = isStream ? "tcp" : "udp"
            let turn = try #require(STUNServer("turn:127.0.0.1:\(port)?transport=\(transport)"))
            func look(_ credentials: TURNCheck.Credentials, now: Int64) -> Outcome {
                TURNCheck(turn, isStream: isStream, credentials: credentials, now: now).look()
            }
            let right = look(.secret(Secret("open sesame")), now: now)
            #expect(
                right.verdict == "ok" && right.seen.hasPrefix("relays from 127.0.0.1:"),
                "\(right)"
            )
            let wrong = look(.secret(Secret("open barley")), now: now)
            #expect(wrong.verdict == "fail" && wrong.seen.contains("401"), "\(wrong)")
            #expect(wrong.remedy?.contains("static-auth-secret") == true)
            let late = look(.secret(Secret("open sesame")), now: now - 7_200)
            #expect(late.verdict == "fail", "credentials of two hours ago have expired")
            #expect(look(.none, now: now).verdict == "skipped")
        }
        withExtendedLifetime(coturn) {}
    }

    @Test func `STUN, and says when nobody answers`() throws {
        let server = try #require(STUNServer("stun:127.0.0.1:\(freePort())"))
        let refused = STUNCheck(server, advertised: "").look()
        #expect(refused.verdict == "fail" && refused.seen.contains("refused"), "\(refused)")
        let unknown = try #require(STUNServer("stun:no-such-host.invalid"))
        #expect(STUNCheck(unknown, advertised: "").look().verdict == "fail")
        let silent = try #require(STUNServer("stun:127.0.0.1:\(freePort())?transport=tcp"))
        #expect(STUNCheck(silent, advertised: "").look().verdict == "fail")
    }

    @Test func `Redis, and wants it to forget nothing`() throws {
        let port = try freePort()
        let redis = try Companion("/usr/bin/redis-server") { folder in
            [
                "--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--requirepass", "s%t",
                "--dir", folder.path(""),
            ]
        } isReady: {
            accepts(port)
        }
        func look(_ password: String) -> Outcome {
            RedisCheck(Secret("redis://\(password)127.0.0.1:\(port)/0")).look()
        }
        let well = look(":s%25t@")
        #expect(well.verdict == "ok" && well.seen.contains("noeviction"), "\(well)")
        #expect(look("default:s%25t@").verdict == "ok")
        let stranger = look("")
        #expect(stranger.verdict == "fail" && stranger.seen.contains("NOAUTH"), "\(stranger)")
        let impostor = look(":wrong@")
        #expect(impostor.verdict == "fail" && impostor.seen.contains("WRONGPASS"), "\(impostor)")
        #expect(!"\(impostor)".contains("wrong@"), "a password is not shown")

        let client = Process()
        client.executableURL = URL(filePath: "/usr/bin/redis-cli")
        client.arguments =
            ["-p", "\(port)", "-a", "s%t", "--no-auth-warning"]
            + ["config", "set", "maxmemory-policy", "allkeys-lru"]
        client.standardOutput = FileHandle.nullDevice
        try client.run()
        client.waitUntilExit()
        let forgetful = look(":s%25t@")
        #expect(forgetful.verdict == "warn" && forgetful.seen.contains("allkeys-lru"))
        withExtendedLifetime(redis) {}
    }

    @Test func `Redis, and says when nobody or somebody else answers`() throws {
        let nobody = RedisCheck(Secret("redis://127.0.0.1:\(try freePort())")).look()
        #expect(nobody.verdict == "fail" && nobody.remedy?.contains("redis-cli") == true)
        let web = try LineServer("HTTP/1.1 400 Bad Request")
        let other = RedisCheck(Secret("redis://\(web.address)")).look()
        #expect(other.verdict == "fail" && other.seen.contains("no Redis"), "\(other)")
        #expect(RedisCheck(Secret("redis://127.0.0.1:x")).look().verdict == "fail")
        #expect(RedisCheck(Secret("rediss://127.0.0.1")).look().verdict == "skipped")
    }
}

@Suite struct `The doctor reads TLS files` {
    private static let now: Int64 = 1_800_000_000

    @Test func `and finds a pair that fits, but vouches for itself`() throws {
        let outcome = try Files().look()
        #expect(outcome.verdict == "warn" && outcome.seen.contains("self-signed"), "\(outcome)")
    }

    @Test func `and counts the days`() throws {
        #expect(try Files().look(at: Self.now + 91 * 86_400).seen.hasPrefix("expired"))
        #expect(try Files().look(at: Self.now + 91 * 86_400).verdict == "fail")
        let last = try Files().look(at: Self.now + 80 * 86_400)
        #expect(last.verdict == "warn" && last.remedy?.contains("renew") == true)
        #expect(try Files().look(at: Self.now - 86_400 * 3).verdict == "fail")
    }

    @Test func `and compares names as browsers do`() throws {
        #expect(try Files().look(host: "calls.example.com").verdict == "warn")
        #expect(try Files().look(host: "Eu.Example.org").verdict == "warn")
        let other = try Files().look(host: "other.example.com")
        #expect(other.verdict == "fail" && other.seen.contains("not for other.example.com"))
        #expect(try Files().look(host: "a.b.example.org").verdict == "fail")
        #expect(try Files().look(host: "example.org").verdict == "fail")
    }

    @Test func `and says who else may read the key`() throws {
        let files = try Files()
        let status = unsafe chmod(files.key, 0o644)
        #expect(status == 0)
        let outcome = files.look()
        #expect(outcome.verdict == "warn" && outcome.remedy == "chmod 600 \(files.key)")
    }

    @Test func `and refuses a pair that doesn't fit, or isn't there`() throws {
        let (mine, other) = (try Files(), try Files())
        let mixed = TLSFilesCheck(
            certificate: mine.certificate,
            key: other.key,
            host: nil,
            now: Self.now
        ).look()
        #expect(mixed.verdict == "fail" && mixed.remedy?.contains("print the same") == true)
        let absent = TLSFilesCheck(
            certificate: mine.certificate,
            key: "/nowhere/key.pem",
            host: nil,
            now: Self.now
        ).look()
        #expect(absent.verdict == "fail" && absent.seen.contains("No such file"))
        let folder = try Folder()
        let junk = try folder.write("junk.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n")
        let broken = TLSFilesCheck(certificate: junk, key: mine.key, host: nil, now: Self.now)
            .look()
        #expect(broken.verdict == "fail", "\(broken)")
    }

    private final class Files {
        private let folder: Folder
        let certificate: String
        let key: String

        init() throws {
            folder = try Folder()
            var random = SystemRandomNumberGenerator()
            let pair = try SelfSigned(
                names: ["calls.example.com", "*.example.org"],
                notBefore: now - 3_600,
                notAfter: now + 90 * 86_400,
                using: &random
            )
            certificate = try folder.write("cert.pem", pair.certificatePEM)
            key = try folder.write("key.pem", pair.keyPEM)
            _ = unsafe chmod(key, 0o600)
        }

        func look(host: String? = nil, at now: Int64 = now) -> Outcome {
            TLSFilesCheck(certificate: certificate, key: key, host: host, now: now).look()
        }
    }
}
