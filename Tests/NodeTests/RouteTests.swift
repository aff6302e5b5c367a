import Foundation
import Testing

extension `A node` {
    @Suite struct `asked for a path` {
        let node: RunningNode

        init() throws {
            node = try RunningNode()
        }

        @Test func `answers strangers' requests each in its way`() throws {
            let client = try node.connect()
            let missing = try client.get("/nothing/here")
            #expect(missing.status == 404)
            #expect(missing.field("content-type") == "application/json")
            #expect(missing.text == #"{"message":"nothing is at this path","status_code":404}"#)
            let wrong = try client.get("/healthz", method: "DELETE")
            #expect(wrong.status == 405)
            #expect(wrong.field("allow") == "GET, HEAD, OPTIONS")
            let login = try client.get("/api/v4/users/login")
            #expect(login.status == 405)
            #expect(login.field("allow") == "POST, OPTIONS")
            let head = try client.get("/healthz", method: "HEAD")
            #expect(head.status == 200)
            #expect(head.field("content-length") == "18")
            let options = try client.get("/healthz", method: "OPTIONS")
            #expect(options.status == 204)
            #expect(options.field("allow") == "GET, HEAD, OPTIONS")
            #expect(try client.get("*", method: "OPTIONS").status == 204)
            #expect(try client.get("/healthz", method: "BREW").status == 405)
            #expect(try client.get("/healthz", method: "get").status == 405)
        }

        @Test func `shows the page at every channel's link, and at nothing like one`() throws {
            let page = try node.get("/")
            for link in ["/night-owls", "/a", "/7_of_9", "/" + String(repeating: "x", count: 64)] {
                let answer = try node.get(link)
                #expect(answer.status == 200, "\(link)")
                #expect(answer.text == page.text, "\(link)")
                let policy = answer.field("content-security-policy") ?? ""
                #expect(policy.contains("default-src 'none'"))
                #expect(!policy.contains("unsafe"))
            }
            let others = ["/robots.txt", "/Owls", "/-owls", "/owls/", "/o%20wls", "/owls/x"]
            for path in others + ["/" + String(repeating: "x", count: 65)] {
                #expect(try node.get(path).status == 404, "\(path)")
            }
        }

        @Test func `sends the whole page in less than 150 KB`() throws {
            var paths = ["/", "/page.css", "/room.css", "/roost.svg"]
            var sent = 0
            var seen = Set(paths)
            paths.append("/page.js")
            // A module names those that it imports.
            while let path = paths.popLast() {
                let answer = try node.get(path, ["Accept-Encoding: gzip"])
                #expect(answer.status == 200, "\(path)")
                sent += Int(answer.field("content-length") ?? "") ?? 1_000_000
                guard path.hasSuffix(".js") else { continue }
                let source = try node.get(path).text
                for part in source.components(separatedBy: "from \"./").dropFirst() {
                    let module = "/" + part.prefix { $0 != "\"" }
                    if seen.insert(module).inserted { paths.append(module) }
                }
            }
            #expect(seen.count > 20)
            #expect(sent < 150_000)
        }

        @Test func `finds what is written with escapes, and refuses what could mislead`() throws {
            for path in ["/%68ealthz", "http://localhost/healthz", "/healthz?x=/../y", "/healthz?"]
            {
                #expect(try node.get(path).status == 200, "\(path)")
            }
            for path in ["/healthz/", "/HEALTHZ", "/healthz/x", "/healthz%3f"] {
                #expect(try node.get(path).status == 404, "\(path)")
            }
            for path in [
                "/./healthz", "/x/../healthz", "/%2e/healthz", "//healthz", "/healthz/..", "/%",
                "/%zz",
                "/a%2fb", "/a%00b", "/a%5cb", "/../../etc/passwd",
                "http://elsewhere.example/healthz",
            ] {
                let answer = try node.get(path)
                #expect(answer.status == 400, "\(path): \(answer.status)")
                #expect(!answer.body.isEmpty)
            }
        }

        @Test func `keeps pages of other sites from reading or changing anything`() throws {
            let login = try node.logIn()
            let other = ["Origin: https://evil.example", "Cookie: \(login.cookie)"]
            let read = try node.get("/api/v4/users/me", other)
            #expect(read.field("access-control-allow-origin") == nil)
            #expect(try node.post("/api/v4/users/logout", "", other).status == 403)
            let preflight = try node.connect().get(
                "/api/v4/users/me",
                other + ["Access-Control-Request-Method: POST"],
                method: "OPTIONS"
            )
            #expect(preflight.field("access-control-allow-origin") == nil)
        }
    }
}
