extension SessionDescription {
    /// The description as the others read it, lines ending with CRLF.
    package var text: String {
        var lines = SDPLines()
        lines.append("v=0")
        lines.append("o=- \(id) \(version) IN IP4 127.0.0.1")
        lines.append("s=-")
        lines.append("t=0 0")
        if isICELite { lines.append("a=ice-lite") }
        for bundle in bundles {
            lines.append("a=group:BUNDLE \(bundle.joined(separator: " "))")
        }
        lines.append("a=msid-semantic: WMS *")
        for section in sections { section.write(into: &lines) }
        return lines.text
    }
}

/// Text that grows by lines.
private struct SDPLines {
    private(set) var text = ""

    mutating func append(_ line: String) {
        text += line
        text += "\r\n"
    }
}

extension SessionDescription.Section {
    fileprivate func write(into lines: inout SDPLines) {
        lines.append("m=\(kindText) \(port) \(proto) \(formatsText)")
        lines.append("c=IN IP4 0.0.0.0")
        writeTransport(into: &lines)
        if let mid { lines.append("a=mid:\(mid)") }
        if isBundleOnly { lines.append("a=bundle-only") }
        for one in extensions {
            let way = one.direction.map { "/\($0.rawValue)" } ?? ""
            lines.append("a=extmap:\(one.id)\(way) \(one.uri)")
        }
        if allowsMixedExtensions { lines.append("a=extmap-allow-mixed") }
        lines.append("a=\(direction.rawValue)")
        for msid in msids { lines.append("a=msid:\(msid.text)") }
        if multiplexesRTCP { lines.append("a=rtcp-mux") }
        if allowsReducedRTCP { lines.append("a=rtcp-rsize") }
        for format in formats { format.write(into: &lines) }
        for rid in rids {
            let restrictions = rid.restrictions.isEmpty ? "" : " \(rid.restrictions)"
            lines.append("a=rid:\(rid.id) \(rid.sends ? "send" : "recv")\(restrictions)")
        }
        if let simulcast { lines.append("a=simulcast:\(simulcast.text)") }
        for group in groups {
            let sources = group.sources.map { " \($0)" }.joined()
            lines.append("a=ssrc-group:\(group.semantics)\(sources)")
        }
        for source in sources {
            if let cname = source.cname { lines.append("a=ssrc:\(source.ssrc) cname:\(cname)") }
            if let msid = source.msid { lines.append("a=ssrc:\(source.ssrc) msid:\(msid.text)") }
            if source.cname == nil, source.msid == nil { lines.append("a=ssrc:\(source.ssrc)") }
        }
        if let sctpPort {
            lines.append(
                hasPortAsFormat
                    ? "a=sctpmap:\(sctpPort) webrtc-datachannel 1024" : "a=sctp-port:\(sctpPort)"
            )
        }
        if let maxMessageSize { lines.append("a=max-message-size:\(maxMessageSize)") }
    }

    private func writeTransport(into lines: inout SDPLines) {
        for candidate in candidates { lines.append("a=\(candidate)") }
        if endsCandidates { lines.append("a=end-of-candidates") }
        if let ufrag { lines.append("a=ice-ufrag:\(ufrag)") }
        if let password { lines.append("a=ice-pwd:\(password)") }
        if !iceOptions.isEmpty { lines.append("a=ice-options:\(iceOptions)") }
        for fingerprint in fingerprints { lines.append("a=fingerprint:\(fingerprint)") }
        if let setup { lines.append("a=setup:\(setup.rawValue)") }
    }

    private var kindText: String {
        switch kind {
        case .audio: "audio"
        case .video: "video"
        case .application: "application"
        case .other(let name): name
        }
    }

    /// At least one format must stand there, even in a section that is rejected.
    private var formatsText: String {
        switch kind {
        case .application: hasPortAsFormat ? "\(sctpPort ?? 5_000)" : "webrtc-datachannel"
        case .audio, .video, .other:
            formats.isEmpty ? "0" : formats.map(\.payloadType.description).joined(separator: " ")
        }
    }
}

extension SessionDescription.Format {
    fileprivate func write(into lines: inout SDPLines) {
        if !name.isEmpty {
            let count = channels == 1 ? "" : "/\(channels)"
            lines.append("a=rtpmap:\(payloadType) \(name)/\(clockRate)\(count)")
        }
        if feedback.contains(.remb) { lines.append("a=rtcp-fb:\(payloadType) goog-remb") }
        if feedback.contains(.transportCC) { lines.append("a=rtcp-fb:\(payloadType) transport-cc") }
        if feedback.contains(.fir) { lines.append("a=rtcp-fb:\(payloadType) ccm fir") }
        if feedback.contains(.nack) { lines.append("a=rtcp-fb:\(payloadType) nack") }
        if feedback.contains(.pli) { lines.append("a=rtcp-fb:\(payloadType) nack pli") }
        if !parameters.isEmpty { lines.append("a=fmtp:\(payloadType) \(parameters)") }
    }
}

extension SessionDescription.MSID {
    fileprivate var text: String { track.map { "\(stream) \($0)" } ?? stream }
}

extension SessionDescription.Simulcast {
    fileprivate var text: String {
        [("send", sends), ("recv", receives)]
            .filter { !$0.1.isEmpty }
            .map { way, streams in
                let list = streams.map { choices in
                    choices.map { $0.isPaused ? "~\($0.rid)" : $0.rid }.joined(separator: ",")
                }
                return "\(way) \(list.joined(separator: ";"))"
            }
            .joined(separator: " ")
    }
}
