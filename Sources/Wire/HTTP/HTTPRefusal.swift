/// Why a peer's bytes are not a message, or not one that will be taken. The connection ends here.
package struct HTTPRefusal: Error, Hashable, Sendable {
    package var rule: Rule
    /// Which byte of the message broke the rule, counted from the message's first.
    package var offset: UInt64

    package init(_ rule: Rule, at offset: UInt64) {
        self.rule = rule
        self.offset = offset
    }

    /// What to answer. A client of ours gets no answer and just closes.
    package var status: HTTPStatus { rule.status }

    /// What to tell the peer: the rule and the place.
    package var sentence: String { "\(rule.sentence) (byte \(offset))" }

    /// Whether two parsers might have disagreed on where this message ends: count these, and look
    /// at who sends them.
    package var looksLikeSmuggling: Bool { rule.looksLikeSmuggling }

    /// The rules, by names that serve as labels on a counter.
    package enum Rule: String, Hashable, Sendable, CaseIterable {
        case bareCR = "bare_cr"
        case bareLF = "bare_lf"
        case control
        case emptyLines = "empty_lines"
        case requestLine = "request_line"
        case statusLine = "status_line"
        case method
        case methodTooLong = "method_too_long"
        case connect
        case target
        case targetTooLong = "target_too_long"
        case version
        case headTooLarge = "head_too_large"
        case tooManyFields = "too_many_fields"
        case fieldName = "field_name"
        case spaceBeforeColon = "space_before_colon"
        case foldedLine = "folded_line"
        case noHost = "no_host"
        case secondHost = "second_host"
        case host
        case hostMismatch = "host_mismatch"
        case contentLength = "content_length"
        case secondContentLength = "second_content_length"
        case lengthAndCoding = "length_and_coding"
        case transferCoding = "transfer_coding"
        case codingInOldVersion = "coding_in_old_version"
        case expectation
        case chunkSize = "chunk_size"
        case chunkExtension = "chunk_extension"
        case chunkEnd = "chunk_end"
        case trailerField = "trailer_field"
        case trailersTooLarge = "trailers_too_large"
        case contentTooLarge = "content_too_large"
        case cutOff = "cut_off"
        case unasked
        case tooManyInterim = "too_many_interim"
    }
}

extension HTTPRefusal.Rule {
    package var status: HTTPStatus {
        switch self {
        case .targetTooLong: .uriTooLong
        case .headTooLarge, .tooManyFields, .trailersTooLarge: .headerFieldsTooLarge
        case .contentTooLarge: .contentTooLarge
        case .version: .versionNotSupported
        case .connect, .methodTooLong: .notImplemented
        case .expectation: .expectationFailed
        case .bareCR, .bareLF, .control, .emptyLines, .requestLine, .statusLine, .method, .target,
            .fieldName, .spaceBeforeColon, .foldedLine, .noHost, .secondHost, .host, .hostMismatch,
            .contentLength, .secondContentLength, .lengthAndCoding, .transferCoding,
            .codingInOldVersion, .chunkSize, .chunkExtension, .chunkEnd, .trailerField, .cutOff,
            .unasked,
            .tooManyInterim:
            .badRequest
        }
    }

    package var looksLikeSmuggling: Bool {
        switch self {
        case .bareCR, .bareLF, .spaceBeforeColon, .foldedLine, .secondHost, .hostMismatch,
            .contentLength, .secondContentLength, .lengthAndCoding, .transferCoding,
            .codingInOldVersion, .chunkSize, .chunkExtension, .chunkEnd, .trailerField, .unasked:
            true
        case .control, .emptyLines, .requestLine, .statusLine, .method, .methodTooLong, .connect,
            .target, .targetTooLong, .version, .headTooLarge, .tooManyFields, .fieldName, .noHost,
            .host, .expectation, .trailersTooLarge, .contentTooLarge, .cutOff, .tooManyInterim:
            false
        }
    }

    package var sentence: String {
        switch self {
        case .bareCR: "A carriage return must be followed by a line feed."
        case .bareLF: "A line feed must be preceded by a carriage return."
        case .control: "Control characters may not appear in a head."
        case .emptyLines: "At most one empty line may precede a request."
        case .requestLine: "A request line is a method, a target and a version, one space between."
        case .statusLine: "A status line is a version, three digits and a phrase."
        case .method: "A method is made of letters and a few marks."
        case .methodTooLong: "No method that is known here has so long a name."
        case .connect: "CONNECT is not offered; this is not a proxy."
        case .target: "The target is not a path, a URL, or * with OPTIONS; escape other bytes."
        case .targetTooLong: "The target is too long."
        case .version: "Only HTTP/1.0 and HTTP/1.1 are spoken here."
        case .headTooLarge: "The head is too large."
        case .tooManyFields: "The head has too many fields."
        case .fieldName: "A field is a name made of letters and a few marks, a colon, and a value."
        case .spaceBeforeColon: "No space may stand between a field's name and its colon."
        case .foldedLine: "A field may not continue on a second line."
        case .noHost: "A Host field is required."
        case .secondHost: "Only one Host field is allowed."
        case .host: "Host is a name or address, and perhaps a port."
        case .hostMismatch: "The host in the target and the Host field must be the same."
        case .contentLength: "Content-Length is one number in decimal digits."
        case .secondContentLength: "Only one Content-Length field is allowed."
        case .lengthAndCoding: "Content-Length and Transfer-Encoding may not both be present."
        case .transferCoding: "The only transfer coding is chunked, once."
        case .codingInOldVersion: "HTTP/1.0 has no transfer codings."
        case .expectation: "The only expectation that can be met is 100-continue."
        case .chunkSize: "A chunk's size is one to sixteen hex digits, alone on its line."
        case .chunkExtension: "Chunk extensions are not allowed."
        case .chunkEnd: "A chunk's bytes must be followed by CR LF."
        case .trailerField: "This field may not appear after the content."
        case .trailersTooLarge: "The fields after the content are too large or too many."
        case .contentTooLarge: "The content is larger than is accepted here."
        case .cutOff: "The connection was closed in the middle of a message."
        case .unasked: "A response came that no request had asked for."
        case .tooManyInterim: "Too many interim responses came before the final one."
        }
    }
}
