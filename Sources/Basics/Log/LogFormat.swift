/// How a record becomes one line of bytes.
///
/// Total: whatever is in a message or field, the line has no line break in it, no control character
/// and no mark that turns the reading direction, is valid UTF-8, and is bounded in length. Fields
/// named like a secret are masked, whoever forgot to.
package enum LogFormat: Hashable, Sendable {
    /// For people: aligned, with colour if the reader is a terminal.
    ///
    ///     2026-11-21 03:12:39.123  info     http      listening  address=127.0.0.1:8065 took=1.2ms
    case human(colour: Bool)
    /// For machines: one JSON object a line. Durations are in seconds.
    ///
    ///     {"time":"2026-11-21T03:12:39.123Z","level":"info","room":"http","message":"listening"}
    case json

    package static let messageLimit = 4_096
    package static let valueLimit = 1_024
    package static let nameLimit = 64
    package static let fieldLimit = 32

    /// Writes the line and its line feed.
    package func append(_ record: LogRecord, to bytes: inout [UInt8]) {
        switch self {
        case .human(let colour): HumanLine(isColoured: colour).append(record, to: &bytes)
        case .json: JSONLine().append(record, to: &bytes)
        }
    }

    package func line(_ record: LogRecord) -> String {
        var bytes: [UInt8] = []
        append(record, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// The form people read.
private struct HumanLine {
    var isColoured: Bool

    func append(_ record: LogRecord, to bytes: inout [UInt8]) {
        style("2", to: &bytes)
        let start = bytes.count
        record.time.appendRFC3339(to: &bytes)
        bytes[start + 10] = UInt8(ascii: " ")
        bytes.removeLast()
        style("0", to: &bytes)
        bytes += "  ".utf8
        style(colour(of: record.level), to: &bytes)
        pad(record.level.name, to: 7, &bytes)
        style("0", to: &bytes)
        bytes += "  ".utf8
        pad(record.room, to: 8, &bytes)
        bytes += "  ".utf8
        appendMessage(record.message, to: &bytes)
        var gap = "  "
        for field in record.fields.all.prefix(LogFormat.fieldLimit) {
            bytes += gap.utf8
            gap = " "
            append(field, to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
    }

    /// A message stands alone, so its quotes and backslashes stay as they are.
    private func appendMessage(_ text: String, to bytes: inout [UInt8]) {
        appendClean(
            text,
            limit: LogFormat.messageLimit,
            escape: { scalar, bytes in
                switch scalar {
                case "\"", "\\": bytes.append(UInt8(ascii: scalar))
                default: humanEscape(scalar, &bytes)
                }
            },
            to: &bytes
        )
    }

    private func append(_ field: LogFields.Field, to bytes: inout [UInt8]) {
        style("2", to: &bytes)
        appendClean(field.name, limit: LogFormat.nameLimit, escape: humanEscape, to: &bytes)
        bytes.append(UInt8(ascii: "="))
        style("0", to: &bytes)
        guard !LogFormat.masks(field.name) else {
            bytes += Secret.mask.utf8
            return
        }
        switch field.value {
        case .string(let text): append(text, to: &bytes)
        case .int(let number): bytes += String(number).utf8
        case .double(let number): bytes += number.description.utf8
        case .bool(let isTrue): bytes += (isTrue ? "true" : "false").utf8
        case .duration(let duration): bytes += readable(duration).utf8
        }
    }

    /// Quotes a value only if it would not be told from its surroundings otherwise.
    private func append(_ text: String, to bytes: inout [UInt8]) {
        let isPlain =
            !text.isEmpty
            && text.utf8.allSatisfy { byte in
                byte > 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "=")
            }
        if !isPlain { bytes.append(UInt8(ascii: "\"")) }
        appendClean(text, limit: LogFormat.valueLimit, escape: humanEscape, to: &bytes)
        if !isPlain { bytes.append(UInt8(ascii: "\"")) }
    }

    private func pad(_ text: String, to width: Int, _ bytes: inout [UInt8]) {
        let start = bytes.count
        appendClean(text, limit: LogFormat.nameLimit, escape: humanEscape, to: &bytes)
        while bytes.count - start < width { bytes.append(UInt8(ascii: " ")) }
    }

    private func style(_ code: String, to bytes: inout [UInt8]) {
        guard isColoured else { return }
        bytes += [0x1B, UInt8(ascii: "[")]
        bytes += code.utf8
        bytes.append(UInt8(ascii: "m"))
    }

    private func colour(of level: LogLevel) -> String {
        switch level {
        case .trace, .debug: "2"
        case .info: "32"
        case .warning: "33"
        case .error: "1;31"
        }
    }

    private func humanEscape(_ scalar: Unicode.Scalar, _ bytes: inout [UInt8]) {
        switch scalar {
        case "\n": bytes += "\\n".utf8
        case "\r": bytes += "\\r".utf8
        case "\t": bytes += "\\t".utf8
        case "\"": bytes += "\\\"".utf8
        case "\\": bytes += "\\\\".utf8
        default: bytes += "\\u{\(String(scalar.value, radix: 16))}".utf8
        }
    }

    /// Three figures and the unit that suits them.
    private func readable(_ duration: Duration) -> String {
        let seconds = inSeconds(duration)
        let (scale, unit): (Double, String) =
            switch abs(seconds) {
            case 1...: (1, "s")
            case 0.001...: (1_000, "ms")
            case 0.000_001...: (1_000_000, "µs")
            default: (1_000_000_000, "ns")
            }
        let scaled = seconds * scale
        let step: Double = abs(scaled) < 10 ? 100 : abs(scaled) < 100 ? 10 : 1
        let rounded = (scaled * step).rounded() / step
        return (Int64(exactly: rounded).map(String.init) ?? rounded.description) + unit
    }
}

/// The form machines read.
private struct JSONLine {
    func append(_ record: LogRecord, to bytes: inout [UInt8]) {
        bytes += "{\"time\":\"".utf8
        record.time.appendRFC3339(to: &bytes)
        bytes += "\",\"level\":\"".utf8
        bytes += record.level.name.utf8
        bytes += "\",\"room\":".utf8
        quote(record.room, limit: LogFormat.nameLimit, to: &bytes)
        bytes += ",\"message\":".utf8
        quote(record.message, limit: LogFormat.messageLimit, to: &bytes)
        for field in record.fields.all.prefix(LogFormat.fieldLimit) {
            bytes.append(UInt8(ascii: ","))
            quote(name(of: field), limit: LogFormat.nameLimit, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            append(LogFormat.masks(field.name) ? .string(Secret.mask) : field.value, to: &bytes)
        }
        bytes += "}\n".utf8
    }

    /// The line's own members keep their names; a field that wants one gets another.
    private func name(of field: LogFields.Field) -> String {
        switch field.name {
        case "time", "level", "room", "message": field.name + "_"
        default: field.name
        }
    }

    private func append(_ value: LogValue, to bytes: inout [UInt8]) {
        switch value {
        case .string(let text): quote(text, limit: LogFormat.valueLimit, to: &bytes)
        case .int(let number): bytes += String(number).utf8
        case .double(let number): append(number, to: &bytes)
        case .bool(let isTrue): bytes += (isTrue ? "true" : "false").utf8
        case .duration(let duration): append(inSeconds(duration), to: &bytes)
        }
    }

    /// JSON has no number for infinity and its like; they come as strings.
    private func append(_ number: Double, to bytes: inout [UInt8]) {
        if number.isFinite {
            bytes += number.description.utf8
        } else {
            quote(number.description, limit: LogFormat.valueLimit, to: &bytes)
        }
    }

    private func quote(_ text: String, limit: Int, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        appendClean(text, limit: limit, escape: jsonEscape, to: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    private func jsonEscape(_ scalar: Unicode.Scalar, _ bytes: inout [UInt8]) {
        switch scalar {
        case "\"": bytes += "\\\"".utf8
        case "\\": bytes += "\\\\".utf8
        case "\n": bytes += "\\n".utf8
        case "\r": bytes += "\\r".utf8
        case "\t": bytes += "\\t".utf8
        default:
            let digits = String(scalar.value, radix: 16)
            bytes += "\\u".utf8
            bytes += repeatElement(UInt8(ascii: "0"), count: 4 - digits.utf8.count)
            bytes += digits.utf8
        }
    }
}

private func inSeconds(_ duration: Duration) -> Double {
    let (seconds, attoseconds) = duration.components
    return Double(seconds) + Double(attoseconds) * 1e-18
}

/// Writes text up to a limit of its own bytes, escaping what could be mistaken for something else.
private func appendClean(
    _ text: String,
    limit: Int,
    escape: (Unicode.Scalar, inout [UInt8]) -> Void,
    to bytes: inout [UInt8]
) {
    if text.utf8.count <= limit && text.utf8.allSatisfy(isPlain) {
        bytes += text.utf8
        return
    }
    var length = 0
    for scalar in text.unicodeScalars {
        length += UTF8.width(scalar)
        guard length <= limit else {
            bytes += "…".utf8
            return
        }
        if isMisleading(scalar) {
            escape(scalar, &bytes)
        } else {
            bytes += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
        }
    }
}

/// Most text is plain, and then it is copied as it stands.
private func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
}

/// Control characters, the marks that quote and escape, line separators, and what turns the reading
/// direction of the rest of the line. All of them are below U+10000.
private func isMisleading(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x22, 0x5C, 0x7F...0x9F: true
    case 0x2028...0x202E, 0x2066...0x2069, 0x061C, 0x200E, 0x200F: true
    default: false
    }
}
