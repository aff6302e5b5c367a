/// A session description as WebRTC uses it (RFC 8866 with RFC 8829), as values.
///
/// Reading is total and takes time in proportion to the text. What stands at session level and
/// holds for every section (ICE credentials, fingerprints, roles, directions, extensions) is moved
/// into the sections, which is where the writer puts it; so a description that is written and read
/// again is the same. Lines that nobody here would act upon are kept out.
///
/// Reading says only what a description is. Whether it is a good offer or answer is for
/// ``Negotiation`` to say.
package struct SessionDescription: Hashable, Sendable {
    /// The number in `o=` that names the session, or zero if it is none that fits.
    package var id: UInt64
    /// The number in `o=` that grows with every description of a session.
    package var version: UInt64
    /// The sender answers connectivity checks and makes none (RFC 8839 section 5.3).
    package var isICELite = false
    /// The mids of each `a=group:BUNDLE` (RFC 8843).
    package var bundles: [[String]] = []
    package var sections: [Section] = []

    package init(id: UInt64, version: UInt64) {
        self.id = id
        self.version = version
    }

    /// What a text may be as long as, if nobody says otherwise.
    package static var defaultSizeLimit: Int { 65_536 }
    package static var sectionLimit: Int { 256 }

    /// Reads `text`, which may end its lines with LF as well as CRLF.
    package init(
        _ text: String,
        sizeLimit: Int = SessionDescription.defaultSizeLimit
    ) throws(SDPFault) {
        guard text.utf8.count <= sizeLimit else { throw SDPFault(.size, line: 1) }
        var reader = SDPReader()
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let (line, following) = rest.cut(at: "\n")
            try reader.receive(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
            rest = following ?? []
        }
        self = try reader.finish()
    }
}

extension SessionDescription {
    /// What one `m=` line begins.
    package struct Section: Hashable, Sendable {
        package var kind: Kind
        /// Zero rejects the section, unless it is ``isBundleOnly``.
        package var port: UInt16
        /// The transport, such as `UDP/TLS/RTP/SAVPF`.
        package var proto: String
        package var direction = Direction.both
        package var mid: String?
        package var ufrag: String?
        package var password: String?
        package var iceOptions = ""
        package var fingerprints: [Fingerprint] = []
        package var setup: Setup?
        package var multiplexesRTCP = false
        package var allowsReducedRTCP = false
        package var isBundleOnly = false
        package var allowsMixedExtensions = false
        package var extensions: [Extension] = []
        package var formats: [Format] = []
        package var msids: [MSID] = []
        package var sources: [Source] = []
        package var groups: [SourceGroup] = []
        package var rids: [RID] = []
        package var simulcast: Simulcast?
        package var sctpPort: UInt16?
        /// In bytes; zero means any (RFC 8841 section 6).
        package var maxMessageSize: UInt64?
        /// As they stand after `a=`: `candidate:1 1 udp …`.
        package var candidates: [String] = []
        package var endsCandidates = false

        package init(_ kind: Kind, port: UInt16 = 9, proto: String) {
            self.kind = kind
            self.port = port
            self.proto = proto
        }

        package var isRejected: Bool { port == 0 && !isBundleOnly }

        /// Data channels as they were written before RFC 8841: the SCTP port as the format.
        package var hasPortAsFormat: Bool { kind == .application && proto == "DTLS/SCTP" }
    }

    package enum Kind: Hashable, Sendable {
        case audio
        case video
        case application
        /// What Roost has no use for and rejects.
        case other(String)
    }

    /// From the view of whoever wrote the description.
    package enum Direction: String, Hashable, Sendable {
        case both = "sendrecv"
        case send = "sendonly"
        case receive = "recvonly"
        case none = "inactive"

        package init(sends: Bool, receives: Bool) {
            switch (sends, receives) {
            case (true, true): self = .both
            case (true, false): self = .send
            case (false, true): self = .receive
            case (false, false): self = .none
            }
        }

        package var sends: Bool { self == .both || self == .send }
        package var receives: Bool { self == .both || self == .receive }
        package var reversed: Direction { Direction(sends: receives, receives: sends) }
    }

    /// Who begins the DTLS handshake (RFC 8842): the active side.
    package enum Setup: String, Hashable, Sendable {
        case active
        case passive
        case either = "actpass"
        case later = "holdconn"
    }

    package struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
        /// In small letters: `sha-256`.
        package var function: String
        /// In capitals, with colons.
        package var value: String

        package init(function: String, value: String) {
            self.function = function
            self.value = value
        }

        /// As it stands after `a=fingerprint:`.
        package var description: String { "\(function) \(value)" }
    }

    /// A payload type and what it means in this section.
    package struct Format: Hashable, Sendable {
        package var payloadType: PayloadType
        /// Empty if no `a=rtpmap` says.
        package var name = ""
        package var clockRate = 0
        package var channels = 1
        /// The value of `a=fmtp`, as it stands.
        package var parameters = ""
        package var feedback: Feedback = []

        package init(_ payloadType: PayloadType) {
            self.payloadType = payloadType
        }
    }

    /// What `a=rtcp-fb` may promise, as far as Roost makes use of it (RFC 4585, RFC 5104).
    package struct Feedback: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        package static let nack = Feedback(rawValue: 1)
        package static let pli = Feedback(rawValue: 2)
        package static let fir = Feedback(rawValue: 4)
        package static let remb = Feedback(rawValue: 8)
        package static let transportCC = Feedback(rawValue: 16)
    }

    package struct Extension: Hashable, Sendable {
        package var id: UInt8
        package var uri: String
        package var direction: Direction?

        package init(id: UInt8, uri: String, direction: Direction? = nil) {
            self.id = id
            self.uri = uri
            self.direction = direction
        }
    }

    /// Which track this is, and of which stream (RFC 8830). A stream called `-` is none.
    package struct MSID: Hashable, Sendable {
        package var stream: String
        package var track: String?

        package init(stream: String, track: String?) {
            self.stream = stream
            self.track = track
        }
    }

    package struct Source: Hashable, Sendable {
        package var ssrc: SSRC
        package var cname: String?
        package var msid: MSID?

        package init(_ ssrc: SSRC, cname: String? = nil, msid: MSID? = nil) {
            self.ssrc = ssrc
            self.cname = cname
            self.msid = msid
        }
    }

    /// `FID` pairs a stream with its retransmissions (RFC 5576).
    package struct SourceGroup: Hashable, Sendable {
        package var semantics: String
        package var sources: [SSRC]

        package init(_ semantics: String, _ sources: [SSRC]) {
            self.semantics = semantics
            self.sources = sources
        }
    }

    /// One of several encodings of a track (RFC 8851).
    package struct RID: Hashable, Sendable {
        package var id: String
        package var sends: Bool
        /// What follows the direction, as it stands: `pt=96;max-width=1280`.
        package var restrictions = ""

        package init(_ id: String, sends: Bool, restrictions: String = "") {
            self.id = id
            self.sends = sends
            self.restrictions = restrictions
        }
    }

    /// RFC 8853: streams at the same time, each of which is one of several choices.
    package struct Simulcast: Hashable, Sendable {
        package struct Choice: Hashable, Sendable {
            package var rid: String
            package var isPaused: Bool

            package init(_ rid: String, isPaused: Bool = false) {
                self.rid = rid
                self.isPaused = isPaused
            }
        }

        package var sends: [[Choice]] = []
        package var receives: [[Choice]] = []

        package init(sends: [[Choice]] = [], receives: [[Choice]] = []) {
            self.sends = sends
            self.receives = receives
        }
    }
}
