import Basics
import Media
import Testing

/// A guest's page and the server both want this and that, and offer when they please.
@Suite struct `Negotiation with a strict browser` {
    @Test(arguments: UInt64(0)..<40)
    func `ends in what both want`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let counting = ModelBrowser.Counting.allCases[Int(seed % 3)]
        var browser = ModelBrowser(counting: counting, using: &random)
        var negotiation = Negotiation.forTests()
        var wanted: [UInt64: OutgoingTrack] = [:]
        var nextID: UInt64 = 1
        var restarts = 0
        var refused: Set<UInt64> = []

        _ = try exchange(&browser, &negotiation, from: .browser)
        for _ in 0..<Int.random(in: 5...20, using: &random) {
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                switch Int.random(in: 0..<10, using: &random) {
                case 0...2:
                    let kind: MediaKind = Bool.random(using: &random) ? .audio : .video
                    let codecs: [Codec] =
                        kind == .audio ? [.opus, .red] : [.vp8, .av1, .vp9, .h264]
                    let few = codecs.filter { _ in Bool.random(using: &random) }
                    let track = OutgoingTrack.numbered(
                        nextID,
                        kind,
                        few.isEmpty ? codecs : few,
                        repaired: Bool.random(using: &random)
                    )
                    nextID += 1
                    wanted[track.id] = track
                    try negotiation.send(track)
                case 3, 4:
                    guard let id = wanted.keys.sorted().randomElement(using: &random) else { break }
                    wanted[id] = nil
                    negotiation.stop(id)
                case 5: browser.addTrack(Bool.random(using: &random) ? .audio : .video)
                case 6:
                    let rids = Bool.random(using: &random) ? ["h", "m", "l", "x"] : []
                    browser.add(.video, sends: true, receives: false, rids: rids)
                case 7:
                    let live = browser.transceivers.indices.filter {
                        !browser.transceivers[$0].isStopped
                    }
                    guard let place = live.randomElement(using: &random) else { break }
                    browser.transceivers[place].sends.toggle()
                    browser.transceivers[place].hasSent = true
                case 8:
                    let mine = browser.transceivers.indices.filter { place in
                        let index = browser.transceivers[place].index
                        return index.map { $0 >= 0 && browser.slots[$0].isOurs } ?? false
                    }
                    guard let place = mine.randomElement(using: &random) else { break }
                    browser.transceivers[place].isStopped = true
                default:
                    restarts += 1
                    if Bool.random(using: &random) {
                        browser.credentialCount += 1
                    } else {
                        negotiation.restartICE(with: .numbered(restarts))
                    }
                }
            }
            let who = Party.allCases[Int.random(in: 0..<Party.allCases.count, using: &random)]
            refused.formUnion(try exchange(&browser, &negotiation, from: who))
            #expect(browser.complaints.isEmpty, "\(counting)")
            guard browser.complaints.isEmpty else { return }
        }
        // The browser first, so that the server has the last word, and something to say.
        refused.formUnion(try exchange(&browser, &negotiation, from: .browser))
        if let id = wanted.keys.min() {
            wanted[id] = nil
            negotiation.stop(id)
        }
        for who in [Party.server, .server] {
            refused.formUnion(try exchange(&browser, &negotiation, from: who))
        }
        #expect(browser.complaints.isEmpty)
        #expect(!negotiation.needsOffer)
        check(browser, negotiation, wanted.filter { !refused.contains($0.key) })
    }

    private enum Party: CaseIterable {
        case server
        case browser
        case both
        /// The browser takes the server's offer, and its answer is lost.
        case nobody
    }

    private func exchange(
        _ browser: inout ModelBrowser,
        _ negotiation: inout Negotiation,
        from party: Party
    ) throws -> [UInt64] {
        let fresh = Negotiation.Credentials.numbered(1_000 + Int(browser.credentialCount))
        if party == .browser {
            let offer = browser.makeOffer()
            let reply = try negotiation.receive(offer: offer, fresh: fresh)
            guard case .answer(let answer, let changes) = reply else { throw Ignored() }
            try browser.receive(answer: answer, to: offer)
            return changes.refused
        }
        let needsOffer = negotiation.needsOffer
        let before = negotiation.sections
        let offer = negotiation.makeOffer()
        #expect((offer != nil) == needsOffer)
        guard let offer else { return [] }
        if party == .both {
            // The browser's offer comes to nothing, and is as if it had not been made.
            var rolledBack = browser
            let lost = try negotiation.receive(offer: rolledBack.makeOffer(), fresh: fresh)
            #expect(lost == .ignoredWhileOffering)
            #expect(negotiation.sections == before)
        }
        let browserBefore = browser
        let answer = try browser.receive(offer: offer)
        if party == .nobody {
            browser.loseAnswer(since: browserBefore)
            negotiation.rollback()
            #expect(negotiation.sections == before)
            return []
        }
        let changes = try negotiation.receive(answer: answer)
        let changed = negotiation.sections.filter { section in
            !before.contains(section)
        }
        #expect(changes.sections == changed)
        return changes.refused
    }

    private struct Ignored: Error {}

    private func check(
        _ browser: ModelBrowser,
        _ negotiation: Negotiation,
        _ wanted: [UInt64: OutgoingTrack]
    ) {
        var sections: [String: Negotiation.Section] = [:]
        for section in negotiation.sections { sections[section.mid] = section }
        var arriving: Set<String> = []
        for slot in browser.slots where !slot.isRejected && slot.kind != .application {
            let section = sections.removeValue(forKey: slot.mid)
            let active = section?.transmission.flatMap { $0.isActive ? $0 : nil }
            if let track = section?.transmission?.track {
                // A section may go on for what departs, and have no codec for what would arrive.
                #expect((active != nil) == (isKnown(track, to: browser) && slot.arriving != nil))
                #expect(slot.arriving == nil || slot.arriving == track.trackID)
                #expect(wanted[track.id] == track)
                arriving.insert(track.trackID)
            } else {
                #expect(slot.arriving == nil)
            }
            for codec in active?.codecs ?? [] {
                #expect(slot.types[codec.codec.encodingName] == codec.payloadType.rawValue)
            }
            #expect((section?.reception != nil) == slot.departing)
            let place = browser.slots.firstIndex { $0.mid == slot.mid }
            let transceiver = browser.transceivers.first { $0.index == place }
            if slot.departing, let transceiver {
                #expect(section?.reception?.trackID == transceiver.track)
                #expect(section?.reception?.layers.map(\.rid) == Array(transceiver.rids.prefix(3)))
            }
        }
        #expect(sections.isEmpty)
        for track in wanted.values where !arriving.contains(track.trackID) {
            Issue.record("track \(track.id) was forgotten")
        }
    }

    private func isKnown(_ track: OutgoingTrack, to browser: ModelBrowser) -> Bool {
        let known = browser.codecs[track.kind] ?? []
        return track.codecs.contains { known.contains($0.encodingName) }
    }
}
