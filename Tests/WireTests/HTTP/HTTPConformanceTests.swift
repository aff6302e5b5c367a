import Testing
import Wire

/// Requests as attackers, old clients and broken proxies send them. Every case is also cut into
/// single bytes and into odd pieces, which must change nothing.
@Suite struct `HTTP conformance` {
    @Test(arguments: HTTPCase.all)
    func `has one verdict for`(_ it: HTTPCase) {
        for pieces in [[], [1], [2], [3, 1, 7], [16]] {
            let heard = listen(to: it.stream, inPiecesOf: pieces)
            let words =
                if case .refused(let refusal)? = heard.last {
                    refusal.rule.rawValue
                } else {
                    heard.map(\.description).joined(separator: " | ")
                }
            #expect(words == it.expected, "\(it.name), in pieces of \(pieces)")
        }
    }

    @Test func `is tried on many cases, each by its own name`() {
        #expect(HTTPCase.all.count >= 150)
        #expect(Set(HTTPCase.all.map(\.name)).count == HTTPCase.all.count)
    }

    @Test func `refuses by every rule that a request can break`() {
        let notByRequests: Set<HTTPRefusal.Rule> = [
            .statusLine, .unasked, .tooManyInterim,
            // Tried with the limits.
            .headTooLarge, .tooManyFields, .targetTooLong, .methodTooLong, .trailersTooLarge,
        ]
        let tried = Set(HTTPCase.all.map(\.expected))
        for rule in HTTPRefusal.Rule.allCases where !notByRequests.contains(rule) {
            #expect(tried.contains(rule.rawValue), "\(rule) has no case")
        }
    }

    @Test(arguments: HTTPRefusal.Rule.allCases)
    func `has a status and a sentence for every rule`(rule: HTTPRefusal.Rule) {
        #expect((400...599).contains(rule.status.rawValue))
        #expect("\(rule.status.reason)" != "Unnamed")
        #expect(HTTPRefusal(rule, at: 7).sentence == "\(rule.sentence) (byte 7)")
        #expect(rule.sentence.hasSuffix("."))
    }

    @Test func `answers with the status that fits`() {
        let statuses: [HTTPRefusal.Rule: HTTPStatus] = [
            .lengthAndCoding: .badRequest, .headTooLarge: .headerFieldsTooLarge,
            .tooManyFields: .headerFieldsTooLarge, .targetTooLong: .uriTooLong,
            .contentTooLarge: .contentTooLarge, .version: .versionNotSupported,
            .connect: .notImplemented, .methodTooLong: .notImplemented,
            .expectation: .expectationFailed, .bareLF: .badRequest,
        ]
        for (rule, status) in statuses {
            #expect(rule.status == status, "\(rule)")
        }
        #expect(HTTPRefusal.Rule.lengthAndCoding.looksLikeSmuggling)
        #expect(!HTTPRefusal.Rule.targetTooLong.looksLikeSmuggling)
    }
}
