import Basics
import Crypto
import Media
import Testing

@Suite struct `A board's clock` {
    /// Of a peer whose TCP connection ends, nothing can be sent, so that what is due for it stays due:
    /// a handshake of ours that wants to repeat itself, here.
    @Test func `goes on past a peer that can't be reached`() throws {
        var random = SeededRandom(seed: 1)
        let certificate = try DTLSCertificate(
            notBefore: 946_684_800,
            notAfter: 4_102_444_799,
            using: &random
        )
        let made = ICECredentials(using: &random)
        let credentials = try #require(made)
        var rules = BoardRules()
        (rules.peerLimit, rules.uplinkLimit, rules.downlinkLimit) = (4, 4, 4)
        var board = Switchboard(rules: rules, seed: 1)
        var out = OutgoingBatch()
        let peer = PeerID(1)
        let shape = PeerShape(
            credentials: credentials,
            context: try DTLSContext(certificate),
            call: 1
        )
        board.perform(.addPeer(peer, shape), at: .start, into: &out)
        let remote = RemoteSide(
            ufrag: "peer",
            fingerprints: [certificate.fingerprint],
            isOurTurn: true,
            channels: nil
        )
        board.perform(.meet(peer, remote), at: .start, into: &out)

        var check = ICECheck(to: credentials, nominates: true).bytes
        let count = check.count
        unsafe check.withUnsafeMutableBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            unsafe board.receive(
                start,
                count: count,
                from: .number(1_000, stream: 7),
                at: .start,
                into: &out
            )
        }
        #expect(out.runCount == 2, "an answer to the check, and the begin of a handshake")
        let due = board.deadline
        let handshake = try #require(due)
        #expect(handshake < .start + rules.arrival)
        board.lose(stream: 7, at: .start)

        #expect(board.advance(to: handshake, into: &out))
        #expect(board.deadline == .start + rules.arrival, "which is when it is given up")
        #expect(board.advance(to: .start + rules.arrival, into: &out))
        #expect(board.peerCount == 0)
        #expect(board.deadline == nil)
    }
}
