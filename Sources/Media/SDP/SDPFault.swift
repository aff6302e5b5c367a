/// Why a text is not a session description one could work with: the rule it breaks, and in which line.
package struct SDPFault: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Rule: String, Sendable {
        case size = "a description has no more bytes than its limit"
        case version = "the first line is v=0"
        case line = "a line is a letter, an equals sign and a value"
        case characters = "an attribute is written in printable ASCII"
        case sections = "a description has at most 256 sections"
        case media = "m= names a kind, a port, a protocol and formats"
        case payloadType = "a payload type is a number up to 127"
        case formats = "a section has at most 64 formats"
        case formatMap = "a=rtpmap names a payload type, an encoding and a clock rate"
        case parameters = "the parameters of a format have at most 1024 bytes"
        case once = "this attribute stands once in a section, or always says the same"
        case mid = "a mid is a token of at most 64 bytes, and no two sections share one"
        case group = "a=group:BUNDLE names sections once each, and at most 256 of them"
        case credentials = "an ICE ufrag has 4 to 256 characters and a password 22 to 256"
        case iceOptions = "ICE options have at most 256 bytes"
        case fingerprint = "a fingerprint is a hash function and at most 64 bytes in hex"
        case fingerprints = "a section has at most 8 fingerprints"
        case setup = "a=setup is active, passive, actpass or holdconn"
        case extensionMap = "a=extmap is a number from 1 to 255 and a URI of at most 256 bytes"
        case extensions = "a section has at most 32 header extensions"
        case msid = "an msid is one or two tokens of at most 256 bytes"
        case msids = "a section has at most 8 msids"
        case source = "a=ssrc and a=ssrc-group name numbers up to 4294967295"
        case sources = "a section has at most 16 sources, in at most 16 groups of at most 8"
        case rid = "a=rid is an id of at most 32 letters or digits, and send or recv"
        case rids = "a section has at most 16 rids"
        case simulcast = "a=simulcast lists at most 8 streams a direction, of at most 4 choices"
        case sctp = "an SCTP port is a number from 1 to 65535"
        case messageSize = "a=max-message-size is a number"
    }

    package var rule: Rule
    /// Counted from one.
    package var line: Int

    init(_ rule: Rule, line: Int) {
        self.rule = rule
        self.line = line
    }

    package var description: String { "SDP line \(line): \(rule.rawValue)" }
}
