internal import Wire

/// A description as it travels: `{"type":…,"sdp":…}` deflated into zlib's format (RFC 1950), since
/// a client's frame holds 8 KiB and SDP repeats itself.
extension MediaDescription {
    /// The most that JSON may be when it comes out of zlib: a browser's answer about two hundred voices takes
    /// some 200 KiB. Whether a description may be as long as it is, is the negotiation's to say.
    package static let longest = 512 << 10

    /// Reads a description that came as the bytes of `part`.
    init(deflated bytes: [UInt8], part: String) throws(MessageFault) {
        var text: [UInt8] = []
        switch Inflater(.zlib).inflate(bytes.span, limit: Self.longest, to: &text) {
        case .ended(left: 0): break
        case .ended: throw MessageFault(part, "must end where its zlib data does")
        case .tookAll: throw MessageFault(part, "must hold all of its zlib data (RFC 1950)")
        case .overLimit: throw MessageFault(part, "must inflate to at most \(Self.longest) bytes")
        case .broken: throw MessageFault(part, "must be zlib data (RFC 1950)")
        }
        let members = try MessageMembers(json: text, part: part)
        let word = try members.text("type", limit: 32)
        guard let kind = Kind(rawValue: word) else {
            throw MessageFault(members.part(of: "type"), "must be offer or answer")
        }
        self.init(kind, try members.text("sdp", limit: Self.longest))
    }

    var deflated: [UInt8] {
        var bytes: [UInt8] = []
        Deflater(.zlib).deflate(Array(json.utf8).span, flush: .finish, to: &bytes)
        return bytes
    }

    /// `{"type":…,"sdp":…}`, as the `signal` event carries it.
    var json: String {
        var bytes: [UInt8] = []
        JSONWriter.append(to: &bytes) { json in
            json.beginObject()
            json.member("type", kind.rawValue)
            json.member("sdp", sdp)
            json.endObject()
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
