import Basics
import Testing
import Wire

/// Streams made of pieces that are nearly right, told to the machine in every way and to the
/// reference once.
@Suite struct `A request machine beside its reference` {
    private func pick(_ choices: [String], using random: inout SeededRandom) -> String {
        choices[Int.random(in: 0..<choices.count, using: &random)]
    }

    /// Mostly sound requests, each part now and then of the kind that splits parsers.
    private func stream(using random: inout SeededRandom) -> [UInt8] {
        var text = ""
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            func odd(_ good: String, _ odd: [String]) -> String {
                Int.random(in: 0..<14, using: &random) == 0 ? pick(odd, using: &random) : good
            }
            let end = odd("\r\n", ["\n", "\r", "\r\r\n", "\r\n\r\n", "", "\r\n "])
            text += odd("", ["\r\n", "\n", "\r\n\r\n", " "])
            text += odd("POST", ["GET", "HEAD", "OPTIONS", "CONNECT", "P@", "", "PUT"])
            text += odd(" ", ["  ", "\t", ""])
            text += odd(
                "/p",
                ["*", "/", "http://a/", "http://a:1?x", "http://b", "p", "/\u{E9}", ""]
            )
            text +=
                odd(" HTTP/1.1", [" HTTP/1.0", " HTTP/1.2", " HTTP/2.0", "", " http/1.1"]) + end
            text += odd(
                "Host: a\r\n",
                ["", "Host: a\r\nhost: a\r\n", "Host: a:1\r\n", "Host: [::]\r\n"]
            )
            for _ in 0..<Int.random(in: 0...2, using: &random) {
                text += pick(
                    [
                        "X: y\r\n", "Connection: close\r\n", "Connection: keep-alive, x\r\n",
                        "X:\r\n", "Expect: 100-continue\r\n",
                        odd("", ["Expect: 1\r\n", " a: b\r\n"]),
                        odd(
                            "",
                            ["X : y\r\n", "X: \0\r\n", ": y\r\n", "X: a\rb\r\n", "\u{E9}: y\r\n"]
                        ),
                    ],
                    using: &random
                )
            }
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                text +=
                    odd(
                        "Content-Length: 3",
                        [
                            "Content-Length: +3", "Content-Length: 3, 3",
                            "Content-Length:3\r\nX: y",
                            "Content-Length: 99999999999999999999", "Content-Length: 11",
                            "Content-Length:",
                        ]
                    ) + "\r\n"
                    + odd("", ["Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n"])
                text += "\r\nabc"
            case 1:
                text +=
                    odd(
                        "Transfer-Encoding: chunked",
                        [
                            "Transfer-Encoding: gzip, chunked", "Transfer-Encoding : chunked",
                            "transfer-encoding:CHUNKED",
                            "Transfer-Encoding: chunked\r\nContent-Length: 3",
                        ]
                    ) + "\r\n\r\n"
                for _ in 0..<Int.random(in: 0...3, using: &random) {
                    text += odd(
                        "3",
                        ["03", "3;a", "0x3", " 3", "3 ", "4", "2", "ffffffffffffffff"]
                    )
                    text += odd("\r\n", ["\n", "\r"]) + "abc" + odd("\r\n", ["\n", "", "\r"])
                }
                text += odd("0\r\n", ["00\r\n", "0;\r\n", "", "0\n"])
                text += odd("", ["X: y\r\n", "Host: b\r\n", "X\r\n", " X: y\r\n", "X: y\n"])
                text += odd("\r\n", ["\n", ""])
            default:
                text += odd("\r\n", ["\n", "", "\r"])
            }
        }
        var bytes = Array(text.utf8)
        if Int.random(in: 0..<6, using: &random) == 0 {
            bytes.removeLast(Int.random(in: 0...min(20, bytes.count), using: &random))
        }
        if Int.random(in: 0..<6, using: &random) == 0, !bytes.isEmpty {
            let index = Int.random(in: 0..<bytes.count, using: &random)
            bytes[index] = UInt8(truncatingIfNeeded: random.next())
        }
        return bytes
    }

    @Test(arguments: UInt64(0)..<60)
    func `hears the same messages`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var refused = 0
        for _ in 0..<60 {
            let stream = stream(using: &random)
            let whole = listen(to: stream)
            for _ in 0..<3 {
                let sizes = (0..<5).map { _ in Int.random(in: 1...40, using: &random) }
                let cut = listen(to: stream, inPiecesOf: sizes)
                #expect(cut == whole, "seed \(seed), pieces \(sizes)")
            }
            let reference = HTTPReference(stream, bodyLimit: 65_536)
            let agrees = HTTPReference(hearing: whole) == reference
            #expect(
                agrees,
                "seed \(seed): \(String(decoding: stream, as: UTF8.self).debugDescription)"
            )
            refused += reference.isRefused ? 1 : 0
        }
        #expect((1..<60).contains(refused), "streams must be of both kinds to compare anything")
    }
}

extension HTTPReference {
    /// What the machine heard, as the reference would tell it.
    init(hearing heard: [Heard]) {
        self.init([], bodyLimit: 0)
        var line = ""
        var content: [UInt8] = []
        for event in heard {
            switch event {
            case .head(let head):
                let version = head.version == .http10 ? "1.0" : "1.1"
                line = "\(text(head.methodName)) \(text(head.target)) \(version)"
            case .content(let more):
                content += more
            case .end:
                messages.append(Message(line: line, content: content))
                content = []
            case .refused:
                isRefused = true
            case .cleanEnd:
                break
            }
        }
    }
}
