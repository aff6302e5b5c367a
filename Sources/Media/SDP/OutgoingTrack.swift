/// What one peer is sent: one m-line, one SSRC for life.
package struct OutgoingTrack: Hashable, Sendable, Identifiable {
    /// The caller's number for it, unique for this peer.
    package var id: UInt64
    package var kind: MediaKind
    /// The msid as the peer's page sees it. The stream's name is the CNAME as well, so that what one
    /// guest sends plays in step.
    package var streamID: String
    package var trackID: String
    /// What the track may be sent as, best first.
    package var codecs: [Codec]
    package var ssrc: SSRC
    /// Whose packets repeat lost ones (RFC 4588); nil repeats them on the track's own SSRC.
    package var retransmissionSSRC: SSRC?

    package init(
        id: UInt64,
        kind: MediaKind,
        streamID: String,
        trackID: String,
        codecs: [Codec],
        ssrc: SSRC,
        retransmissionSSRC: SSRC? = nil
    ) {
        self.id = id
        self.kind = kind
        self.streamID = streamID
        self.trackID = trackID
        self.codecs = codecs
        self.ssrc = ssrc
        self.retransmissionSSRC = retransmissionSSRC
    }

    /// Its names can stand in a description.
    var isWritable: Bool {
        Array(streamID.utf8)[...].isToken(upTo: 256) && Array(trackID.utf8)[...].isToken(upTo: 256)
            && codecs.contains { $0.kind == kind } && codecs.allSatisfy { $0.kind == kind }
    }
}
