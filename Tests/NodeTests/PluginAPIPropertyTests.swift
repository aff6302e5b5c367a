import Foundation
import Testing
import Wire

extension `A node` {
    @Suite struct `asked anything under the Calls plugin's paths` {
        static let base = "/plugins/com.mattermost.calls"
        static let channel = "nightowls00000000000000001"

        /// Drawn from a seed, so that what failed can be asked again.
        struct Dice {
            var state: UInt64

            mutating func pick<Value>(_ values: [Value]) -> Value {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
                return values[Int(state % UInt64(values.count))]
            }
        }

        private static let paths = [
            "/version", "/config", "/env", "/channels", "/turn-credentials", "/stats",
            "/logs/upload", "/cloud-notify-admins", "/ID", "/calls/ID/active",
            "/calls/ID/dismiss-notification", "/calls/ID/recording/start",
            "/calls/ID/recording/WORD", "/calls/ID/host/make", "/calls/ID/host/mute",
            "/calls/ID/host/mute-others", "/calls/ID/host/screen-off", "/calls/ID/host/lower-hand",
            "/calls/ID/host/remove", "/calls/ID/host/WORD", "/calls/ID/WORD", "/bot/channels/ID",
            "/bot/users/ID/image", "/bot/calls/ID/sessions/ID/profile", "/bot/calls/ID/filename",
            "/bot/uploads", "/bot/uploads/ID", "/bot/calls/ID/recordings",
            "/bot/calls/ID/transcriptions", "/bot/calls/ID/jobs/ID/status", "/WORD", "/WORD/ID",
        ]
        private static let bodies = [
            "", "{}", "[]", "null", "7", "{", "\"\"", #"{"enabled":true}"#, #"{"enabled":"yes"}"#,
            #"{"enabled":false,"props":7}"#, #"{"session_id":"ID"}"#, #"{"session_id":7}"#,
            #"{"new_host_id":"ID"}"#, #"{"new_host_id":null}"#,
            #"{"logs":"x","channel_id":"ID","team_id":"ID"}"#,
            #"{"JobType":"recording","Status":"started"}"#, #"{"a":1,"a":2}"#, "\u{0}",
            "{\"\\ud800\":1}",
            String(repeating: "[", count: 5_000), String(repeating: "x", count: 70_000),
        ]

        @Test(arguments: 1...3 as ClosedRange<UInt64>)
        func `answers in the plugin's words and statuses, and never fails`(seed: UInt64) throws {
            let node = try RunningNode("[limits]\nrequest_burst = 100000\n")
            let ada = try Caller(node, as: "ada")
            try ada.join(Self.channel)
            _ = try ada.hear("call_state")
            try ada.sayOffer(Caller.offer)
            let logins = try ["ada", "bob", "admin", "calls"].map { try node.logIn($0) }
            var dice = Dice(state: seed &* 0x9E37_79B9_7F4A_7C15)
            let ids = [
                Self.channel, ada.connection, String(repeating: "a", count: 26), "short",
                String(repeating: "A", count: 26), "%2e%2e", "a%20b", "🦉",
            ]
            let words = ["start", "end", "make", "..", "%00", "", "metrics", "standalone"]
            func fill(_ text: String) -> String {
                var filled = text
                while let range = filled.range(of: "ID") ?? filled.range(of: "WORD") {
                    filled.replaceSubrange(
                        range,
                        with: dice.pick(filled[range] == "ID" ? ids : words)
                    )
                }
                return filled
            }
            for _ in 0..<250 {
                let path = Self.base + fill(dice.pick(Self.paths))
                let method = dice.pick(["GET", "POST", "POST", "PUT", "DELETE", "HEAD"])
                let fields = dice.pick([dice.pick(logins).bearer, dice.pick(logins).bearer, []])
                let client = try node.connect()
                let answer: Client.Response
                var body = ""
                if method == "POST" {
                    body = fill(dice.pick(Self.bodies))
                    answer = try client.post(path, body, fields)
                } else {
                    answer = try client.get(path, fields, method: method)
                }
                let asked =
                    "seed \(seed): \(method) \(path) \(body.prefix(80)): \(answer.status) \(answer.text.prefix(200))"
                #expect([200, 400, 401, 403, 404, 405, 413].contains(answer.status), "\(asked)")
                guard method != "HEAD", answer.field("content-type") == "application/json" else {
                    continue
                }
                let json = try answer.json
                guard answer.status != 200 else { continue }
                #expect(json["status_code"]?.integer == Int64(answer.status), "\(asked)")
                #expect(json["message"]?.string?.isEmpty == false, "\(asked)")
            }
            #expect(node.child.exitCode == nil)
            #expect(!node.log.contains(#""level":"error""#), "\(node.log.suffix(2_000))")
        }
    }
}
