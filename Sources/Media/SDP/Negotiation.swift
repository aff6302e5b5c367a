/// One peer's half of the talk about what is sent to whom: the server's side of offer and answer
/// (RFC 8829), with everything in one bundle (RFC 8843), RTP and RTCP on one port (RFC 5761), and a
/// lite ICE agent (RFC 8445 section 2.5).
///
///                    makeOffer
///         stable ───────────────▶ offering
///          │ ▲ ▲                   │ │ │ ▲
///          ╰─╯ ╰───────────────────┴─╯ ╰─╯
///        offer    answer, or rollback   offer (ignored)
///
/// What should be sent is said with ``send(_:)`` and ``stop(_:)`` at any time; ``makeOffer()`` turns
/// all that has gathered into one offer, or into none if there is nothing to say. Send the
/// ``mediaMap`` before the offer. If both sides offer at once the peer gives way.
///
/// Sections are never taken away, not even by taking back the offer that added them. When a track stops
/// its section falls silent and keeps its mid; once the peer has answered that, the next track of its kind
/// may have it. (Not in the same exchange:
/// browsers tell their page of a track only when a section goes from silent to sending.) A section
/// that the peer stopped for good has port 0, and its place goes to whoever needs one next.
///
/// Nothing that a peer writes can leave this half changed: an offer or answer is taken whole or not
/// at all.
package struct Negotiation: Sendable {
    private enum State: Sendable {
        case stable
        case offering(Agreement)
    }

    package let capabilities: Capabilities
    /// Where this side is to be found, as lines without `a=`. They go into the first section of each
    /// description, with the end of candidates after them; none at all means they come later.
    package var candidates: [String]
    private let sessionID: UInt64
    private let fingerprints: [SessionDescription.Fingerprint]
    private var version: UInt64 = 0
    private var state = State.stable
    private var agreed: Agreement
    private var wanted: [UInt64: OutgoingTrack] = [:]
    /// The ids of what is wanted, oldest first.
    private var order: [UInt64] = []
    /// What the peer would not take.
    private var refused: Set<UInt64> = []
    /// The last offer that was taken back since both sides agreed upon something. The peer may have taken it all the
    /// same, and for a peer sections never become fewer (RFC 8829 section 5.2.2).
    private var withdrawn: Agreement?
    /// For the next offer, if it is to restart ICE.
    private var restart: Credentials?
    /// Our last offer, if it was answered and nothing was said since: its newest answer holds.
    private var answered: Agreement?
    /// How many sections offers of ours have had, by which answers to earlier ones are known.
    private var offeredCounts: Set<Int> = []

    /// Creates one that has said and heard nothing. `sessionID` is a random number of up to 62 bits,
    /// which names the session in `o=`.
    package init(
        sessionID: UInt64,
        credentials: Credentials,
        fingerprints: [SessionDescription.Fingerprint],
        candidates: [String],
        capabilities: Capabilities = Capabilities()
    ) {
        self.sessionID = sessionID & 0x3FFF_FFFF_FFFF_FFFF
        self.fingerprints = fingerprints
        self.candidates = candidates
        self.capabilities = capabilities
        agreed = Agreement(local: credentials)
    }

    /// An offer of ours is on its way and not answered.
    package var isOffering: Bool {
        if case .offering = state { true } else { false }
    }

    /// Nil until the first exchange is complete.
    package var transport: Transport? { agreed.transport }
    package var localCredentials: Credentials { agreed.local }

    /// Every section for sound or pictures that is not over, in their order.
    package var sections: [Section] { agreed.lines.compactMap(\.section) }

    /// Which track each section carries, the offer that is on its way included.
    package var mediaMap: [String: OutgoingTrack] {
        var lines = agreed.lines
        if case .offering(let proposal) = state { lines = proposal.lines }
        var map: [String: OutgoingTrack] = [:]
        for line in lines {
            guard let track = line.track, wanted[track.id] == track else { continue }
            map[line.mid] = track
        }
        return map
    }

    /// The tracks that found no section because there are as many as there may be.
    package var waiting: [UInt64] {
        var lines = agreed.lines
        if case .offering(let proposal) = state { lines = proposal.lines }
        let placed = Set(lines.compactMap { $0.track?.id })
        return order.filter { !placed.contains($0) && !refused.contains($0) }
    }

    // MARK: Wishes

    /// Sends `track` from the next offer on. One with the same id and other values takes its place.
    package mutating func send(_ track: OutgoingTrack) throws(NegotiationFault) {
        guard track.isWritable else { throw .unwritableTrack(id: track.id) }
        if wanted.updateValue(track, forKey: track.id) == nil { order.append(track.id) }
        refused.remove(track.id)
    }

    /// Sends the track no more. Its packets may end at once; the next offer says so.
    package mutating func stop(_ id: UInt64) {
        guard wanted.removeValue(forKey: id) != nil else { return }
        order.removeAll { $0 == id }
        refused.remove(id)
    }

    /// Restarts ICE with the next offer, for a peer that is no longer heard and may have moved: clients
    /// that never restart by themselves follow such an offer. The old credentials hold until the
    /// answer is here.
    package mutating func restartICE(with credentials: Credentials) {
        restart = credentials
    }

    /// There is something to offer, and nothing in its way.
    package var needsOffer: Bool {
        !isOffering && proposal().saysMore(than: agreed)
    }

    // MARK: Our offers

    /// One offer for all that was wished for since the last, or nil: nothing was, or an offer is
    /// unanswered still.
    package mutating func makeOffer() -> String? {
        guard !isOffering else { return nil }
        var proposal = proposal()
        guard proposal.saysMore(than: agreed) else { return nil }
        for index in proposal.lines.indices where !proposal.lines[index].isRejected {
            proposal.lines[index].isMIDKnown = true
        }
        state = .offering(proposal)
        answered = nil
        // Never more than there may be sections.
        offeredCounts.insert(proposal.lines.count)
        return write(proposal, bundle: proposal.liveMIDs, setup: proposal.offeredSetup) { line in
            .init(sends: line.track != nil, receives: line.peerSends)
        }
    }

    /// Takes the answer to our offer. If it throws, the offer is still open: take another answer, or
    /// ``rollback()``.
    ///
    /// Peers answer every offer, in order, and one that was lost, or seemed to be, is said again: so an answer
    /// to an earlier one may come after the next. No answer says what it answers. One that has as many
    /// sections as an earlier offer and not as many as the last is ``NegotiationFault/staleAnswer``; one that
    /// can't be told apart is taken, and the next one, which is the last offer's own, then takes its place.
    package mutating func receive(answer text: String) throws(NegotiationFault) -> Changes {
        let offered: Agreement
        switch state {
        case .offering(let proposal): offered = proposal
        case .stable:
            guard let answered else { throw .unexpectedAnswer }
            offered = answered
        }
        var next = offered
        let answer = try read(text, sections: offered.lines.count)
        let count = answer.sections.count
        if count != offered.lines.count, offeredCounts.contains(count) { throw .staleAnswer }
        let lost = try next.take(answer: answer)
        defer { answered = offered }
        return accept(next, refusing: lost)
    }

    /// Takes the offer back. What it said is wished for still, and the sections that it added are in all offers to come:
    /// its answer may only have been lost.
    package mutating func rollback() {
        if case .offering(let proposal) = state { withdrawn = proposal }
        state = .stable
    }

    // MARK: The peer's offers

    /// Takes an offer and answers it, unless an offer of ours is open.
    ///
    /// `fresh` are new credentials, which are used only if this offer restarts ICE. Whether they were,
    /// ``Changes/isICERestarted`` says; they are ``localCredentials`` then.
    package mutating func receive(
        offer text: String,
        fresh: Credentials
    ) throws(NegotiationFault) -> Reply {
        guard !isOffering else { return .ignoredWhileOffering }
        let offer = try read(text, sections: agreed.lines.count)
        var next = agreed
        for index in next.lines.indices {
            guard let track = next.lines[index].track, wanted[track.id] != track else { continue }
            next.lines[index].track = nil
        }
        let before = next.lines.compactMap(\.track)
        let bundle = try next.take(offer: offer, capabilities: capabilities, fresh: fresh)
        let after = Set(next.lines.compactMap { $0.track?.id })
        let changes = accept(next, refusing: before.filter { !after.contains($0.id) })
        answered = nil
        let setup: SessionDescription.Setup = next.transport?.isActive == true ? .active : .passive
        let answer = write(next, bundle: bundle, setup: setup) { line in
            .init(
                sends: line.section?.transmission?.isActive == true,
                receives: line.peerSends
            )
        }
        return .answer(answer, changes)
    }

    // MARK: Both

    /// A description may be the longer the more sections there are that both know of already.
    private func read(
        _ text: String,
        sections: Int
    ) throws(NegotiationFault) -> SessionDescription {
        let limit = SessionDescription.defaultSizeLimit + sections * 8_192
        do {
            return try SessionDescription(text, sizeLimit: limit)
        } catch {
            throw .description(error)
        }
    }

    private func proposal() -> Agreement {
        var proposal = agreed
        if let withdrawn { proposal.goOn(from: withdrawn) }
        if let restart { proposal.local = restart }
        let tracks = order.compactMap { refused.contains($0) ? nil : wanted[$0] }
        proposal.place(tracks, capabilities: capabilities)
        return proposal
    }

    private mutating func accept(
        _ next: Agreement,
        refusing lost: [OutgoingTrack]
    ) -> Changes {
        var changes = next.changes(since: agreed)
        // Not those that have new values since, or were stopped.
        changes.refused = lost.filter { wanted[$0.id] == $0 }.map(\.id)
        refused.formUnion(changes.refused)
        // Either side's restart will do.
        if next.local != agreed.local { restart = nil }
        agreed = next
        // An answer is to all of that, and an offer says which sections the peer knows of.
        withdrawn = nil
        state = .stable
        return changes
    }

    private mutating func write(
        _ agreement: Agreement,
        bundle: [String],
        setup: SessionDescription.Setup,
        direction: (AgreedLine) -> SessionDescription.Direction
    ) -> String {
        version += 1
        var description = SessionDescription(id: sessionID, version: version)
        description.isICELite = true
        if !bundle.isEmpty { description.bundles = [bundle] }
        let first = bundle.first ?? agreement.lines.first { !$0.isRejected }?.mid
        for line in agreement.lines {
            var section = line.written(as: direction(line), capabilities: capabilities)
            if !line.isRejected {
                section.ufrag = agreement.local.ufrag
                section.password = agreement.local.password
                section.fingerprints = fingerprints
                section.setup = setup
                if line.mid == first, !candidates.isEmpty {
                    section.candidates = candidates
                    section.endsCandidates = true
                }
            }
            description.sections.append(section)
        }
        return description.text
    }
}
