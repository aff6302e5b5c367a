/// The offer of a browser that wants nothing but a data channel, as a client sends it.
///
/// Nobody ever comes to the address that it names. A node keeps a participant for half a minute who has
/// made an offer, and for ten seconds one who has made none.
enum CallOffer {
    static let frame = CallDescription.frame(
        lines.joined(separator: "\r\n") + "\r\n",
        as: "offer",
        serial: 2
    )

    private static let lines = [
        "v=0",
        "o=- 2443047732521333217 2 IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE 0",
        "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0",
        "a=ice-ufrag:HSvt",
        "a=ice-pwd:G3vX2a55QMN9ok5i9HAjiXVD",
        "a=ice-options:trickle",
        "a=fingerprint:sha-256 9F:03:72:15:DA:21:65:8C:43:00:B2:D4:46:9A:A1:C1:F2:5A:4D:0D:6C:94:"
            + "12:2B:81:59:71:FD:6E:DB:2F:87",
        "a=setup:actpass",
        "a=mid:0",
        "a=sctp-port:5000",
        "a=max-message-size:262144",
    ]
}
