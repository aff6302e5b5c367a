import Basics
import Foundation
import Testing

@Suite struct `A log line` {
    private let time = WallTime(seconds: 1_795_230_759, nanoseconds: 123_456_789)

    @Test func `is aligned for people`() {
        let line = LogFormat.human(colour: false).line(
            record("listening", ["address": "[::1]:8065", "took": .duration(.microseconds(1_234))])
        )
        let start = "2026-11-21 03:12:39.123  info     http      listening"
        #expect(line == start + "  address=[::1]:8065 took=1.23ms\n")
    }

    @Test func `has colours for a terminal and the same text`() {
        let record = record("listening", ["a": 1])
        let coloured = LogFormat.human(colour: true).line(record)
        #expect(coloured.contains("\u{1B}[32minfo   \u{1B}[0m"))
        let plain = coloured.replacing(/\u{1B}\[[0-9;]*m/, with: "")
        #expect(plain == LogFormat.human(colour: false).line(record))
    }

    @Test func `is one JSON object for machines`() throws {
        let line = LogFormat.json.line(
            record(
                "said \"hi\"\n",
                ["n": 7, "half": 0.5, "yes": true, "took": .duration(.milliseconds(1_500))]
            )
        )
        let start = #"{"time":"2026-11-21T03:12:39.123Z","level":"info","room":"http","#
        let end = #""message":"said \"hi\"\n","n":7,"half":0.5,"yes":true,"took":1.5}"#
        #expect(line == start + end + "\n")
    }

    @Test func `keeps a field from passing for the line's own`() throws {
        let line = LogFormat.json.line(record("m", ["level": "error"]))
        #expect(line.contains(#""level":"info""#) && line.contains(#""level_":"error""#))
    }

    @Test(arguments: [
        (Duration.zero, "0ns"), (.nanoseconds(999), "999ns"), (.nanoseconds(-1_500), "-1.5µs"),
        (.milliseconds(12), "12ms"), (.milliseconds(1_234), "1.23s"), (.seconds(86_400), "86400s"),
    ])
    func `says durations in the unit that suits them`(duration: Duration, text: String) {
        let line = LogFormat.human(colour: false).line(record("m", ["d": .duration(duration)]))
        #expect(line.hasSuffix("  d=\(text)\n"))
    }

    @Test(arguments: [LogFormat.human(colour: false), .human(colour: true), .json])
    func `masks fields that are named like a secret`(format: LogFormat) {
        let names = [
            "token", "session_token", "Authorization", "set-cookie", "clientSecret", "PASSWORD",
            "private_key", "x-auth-key", "apiKey", "credentials",
        ]
        for name in names {
            var fields = LogFields()
            fields[name] = "hunter2"
            let line = format.line(record("m", fields))
            #expect(line.contains(Secret.mask) && !line.contains("hunter2"), "\(name)")
        }
        #expect(format.line(record("m", ["channel": "hunter2"])).contains("hunter2"))
    }

    @Test func `bounds messages, names, values and the number of fields`() {
        var fields = LogFields()
        for index in 0..<40 { fields["f\(index)"] = .string(String(repeating: "é", count: 5_000)) }
        fields[String(repeating: "n", count: 1_000)] = 1
        for format in [LogFormat.human(colour: false), .json] {
            let line = format.line(record(String(repeating: "m", count: 10_000), fields))
            #expect(line.utf8.count < 4_096 + 32 * (1_024 + 100) + 200)
            #expect(line.contains("f31") && !line.contains("f32"))
            #expect(line.contains("é…") && !line.contains("\u{FFFD}"))
        }
        let whole = String(repeating: "v", count: LogFormat.valueLimit)
        #expect(LogFormat.json.line(record("m", ["v": .string(whole)])).contains("\"\(whole)\""))
        let long = whole + "v"
        #expect(LogFormat.json.line(record("m", ["v": .string(long)])).contains("\(whole)…\""))
    }

    @Test(arguments: UInt64(0)..<300)
    func `is one clean line whatever the bytes`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        func text() -> String {
            let scalars: [Unicode.Scalar] = [
                "\n", "\r", "\u{0}", "\u{1B}", "\"", "\\", "\u{202E}", "\u{2028}", "\u{85}", "=",
                " ", "é", "\u{10FFFF}", "{", "}", ",", "\u{7F}", "a",
            ]
            let bytes = (0..<Int.random(in: 0...40, using: &random)).flatMap { _ in
                Bool.random(using: &random)
                    ? [UInt8.random(in: 0...255, using: &random)]
                    : Array(String(scalars.randomElement(using: &random) ?? "a").utf8)
            }
            return String(decoding: bytes, as: UTF8.self)
        }
        var fields = LogFields()
        for _ in 0..<3 { fields[text()] = .string(text()) }
        let double = Double(bitPattern: UInt64.random(in: 0...UInt64.max, using: &random))
        fields["number"] = .double(double)
        let message = text()
        let record = record(message, fields)
        for format in [LogFormat.human(colour: false), .json] {
            let line = format.line(record)
            #expect(line.unicodeScalars.filter { $0 == "\n" }.count == 1 && line.hasSuffix("\n"))
            let body = line.unicodeScalars.dropLast()
            #expect(body.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F ~= $0.value) })
            #expect(!body.contains("\u{202E}") && !body.contains("\u{2028}"))
        }
        let parsed = try JSONSerialization.jsonObject(with: Data(LogFormat.json.line(record).utf8))
        let object = try #require(parsed as? [String: Any])
        #expect(object["message"] as? String == message, "seed \(seed)")
    }

    private func record(_ message: String, _ fields: LogFields = [:]) -> LogRecord {
        LogRecord(time: time, level: .info, room: "http", message: message, fields: fields)
    }
}
