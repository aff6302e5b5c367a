import Glibc
import Testing

extension `A node` {
    @Suite struct `run by its command` {
        @Test(arguments: ["serve", "config", "token", "cluster", "version"])
        func `explains each of its verbs`(verb: String) throws {
            let run = try Run(verb, "--help")
            #expect(run.code == 0)
            #expect(run.output.hasPrefix("roost \(verb)"), "\(run.output)")
            #expect(run.complaints.isEmpty)
        }

        @Test func `lists its verbs when it is given none`() throws {
            let run = try Run()
            #expect(run.code == 0)
            for verb in ["serve", "config", "token", "cluster", "version"] {
                #expect(run.output.contains("roost \(verb) "))
            }
        }

        @Test(arguments: [
            (["frob"], "there is no command \"frob\""),
            (["serve", "--nope"], "roost serve has no option --nope; see roost serve --help"),
            (["serve", "now"], "does not take these words: now"),
            (["serve", "--set"], "--set needs a value"),
            (["serve", "--set", "novalue"], "is not KEY=VALUE, such as http.listen=:8065"),
            (["config", "frob"], "there is no \"config frob\"; see roost config --help"),
            (["token"], "Give --user ID"),
            (["token", "key", "RS256"], "there are: HS256, ES256, EdDSA"),
            (["version", "more"], "does not take these words: more"),
            (["cluster"], "roost cluster wants a word more; see roost cluster --help"),
        ])
        func `exits with 2 and a remedy when it is not understood`(
            words: [String],
            remedy: String
        ) throws {
            let folder = try Folder()
            let child = try Child([RunningNode.binary] + words, in: folder)
            #expect(try child.waitUntilEnd() == 2)
            #expect(child.complaints.contains(remedy), "\(child.complaints)")
            #expect(child.output.isEmpty)
        }

        @Test func `says everything that is wrong with the settings at once, and exits with 3`()
            throws
        {
            let folder = try Folder()
            try folder.write(
                "roost.toml",
                """
                [http]
                keep_alive = "banana"
                listn = ["127.0.0.1:1"]

                [websocket]
                fragments = 0
                """
            )
            for words in [["serve"], ["config"], ["config", "check"]] {
                let child = try Child(
                    [RunningNode.binary] + words,
                    as: words.joined(separator: "-"),
                    in: folder,
                    environment: ["ROOST_LOG_LEVEL": "loud", "MM_CALLS_UDP_SERVER_PORT": "80a"]
                )
                #expect(try child.waitUntilEnd() == 3)
                let said = child.complaints
                #expect(said.contains("roost.toml line 2: http.keep_alive must be a time"))
                #expect(said.contains("roost.toml line 3: http.listn is not a setting"))
                #expect(said.contains("did you mean http.listen?"))
                #expect(said.contains("roost.toml line 6: websocket.fragments must be 1 to 100000"))
                #expect(said.contains("ROOST_LOG_LEVEL: log.level must be one of"))
                #expect(
                    said.contains("MM_CALLS_UDP_SERVER_PORT: media.udp_port must be 0 to 65535")
                )
            }
        }

        @Test func `shows what is set, and where each came from`() throws {
            let folder = try Folder()
            try folder.write("roost.toml", "[http]\nkeep_alive = \"7s\"\nhead_fields = 60\n")
            let run = try Run(
                "config",
                "--set",
                "limits.request_burst=77",
                in: folder,
                environment: ["ROOST_HTTP_HEAD_FIELDS": "61"]
            )
            #expect(run.code == 0)
            let lines = run.output.split(separator: "\n")
            func line(_ start: String) -> Substring { lines.first { $0.hasPrefix(start) } ?? "" }
            #expect(line("keep_alive = \"7s\"").contains("# roost.toml line 2"))
            #expect(line("head_fields = 61").contains("# ROOST_HTTP_HEAD_FIELDS"))
            #expect(line("request_burst = 77").contains("# command line"))
            #expect(line("body_timeout = \"10s\"").contains("# built in"))
            #expect(try Run("config", "check", in: folder).code == 0)
        }

        @Test func `wants the settings file that it is told to read`() throws {
            let run = try Run("config", "--config", "/nowhere/roost.toml")
            #expect(run.code == 3)
            #expect(run.complaints.contains("/nowhere/roost.toml"))
        }

        @Test func `finds a running node's ports open from outside`() throws {
            let folder = try Folder()
            let (port, web) = (try Proxy.freePort(), try Proxy.freePort())
            var words = ["serve"]
            for setting in [
                "http.listen=127.0.0.1:\(web)", "metrics.listen=127.0.0.1:0",
                "media.udp_port=\(port)", "media.tcp_port=\(port)",
                "media.udp_address=127.0.0.1", "media.tcp_address=127.0.0.1",
            ] {
                words += ["--set", setting]
            }
            let node = try Child([RunningNode.binary] + words, as: "node", in: folder)
            #expect(eventually(within: .seconds(20)) { node.output.contains("Roost is ready") })
            func probe() throws -> Run {
                try Run("doctor", "--probe", "127.0.0.1:\(port)", "--http-port", "\(web)")
            }
            let open = try probe()
            #expect(open.code == 0 && open.output.contains("3 ok"), "\(open.output)")
            node.signal(SIGTERM)
            #expect(try node.waitUntilEnd() == 0)
            let shut = try probe()
            #expect(shut.code == 1 && shut.output.contains("3 fail"), "\(shut.output)")
        }

        @Test func `says its version`() throws {
            let run = try Run("version")
            #expect(run.code == 0)
            #expect(run.output.hasPrefix("roost "))
        }
    }
}
