/// Writes responses at the end of an array that will be sent (RFC 9112 section 4).
///
///     writeHead(.ok, date: date, framing: .length(5), keepAlive: true, to: &bytes) {
///         $0.field("content-type", "text/plain")
///     }
///
/// Names and values can't hold a line end, for the reason ``HTTPFields`` gives, and the fields that
/// say where the message ends are written here and nowhere else: one of each, and in agreement.
package enum HTTPResponseWriter {
    /// What was made of content that may be compressed. Caches must know of the choice, whichever
    /// was made (RFC 9110 section 12.5.5).
    package enum Coding: Sendable {
        case identity
        case gzip
    }

    /// Appends a head. `date` is the 29 bytes of an ``HTTPDate``, which the caller renews once a
    /// second and not for each response.
    ///
    /// `framing` is said even if no content follows because the request was a HEAD; a status that
    /// can have no content gets neither length nor coding.
    package static func writeHead(
        _ status: HTTPStatus,
        fields: HTTPFields? = nil,
        coding: Coding? = nil,
        date: Span<UInt8>,
        framing: HTTPFraming,
        keepAlive: Bool,
        version: HTTPVersion = .http11,
        to bytes: inout [UInt8]
    ) {
        beginHead(status, date: date, to: &bytes)
        if let fields {
            for index in 0..<fields.count {
                let (name, value) = fields[index]
                bytes.append(copying: name.span)
                bytes.append(": ")
                bytes.append(copying: value.span)
                bytes.append("\r\n")
            }
        }
        switch coding {
        case .identity: bytes.append("vary: Accept-Encoding\r\n")
        case .gzip: bytes.append("vary: Accept-Encoding\r\ncontent-encoding: gzip\r\n")
        case nil: break
        }
        endHead(status, framing: framing, keepAlive: keepAlive, version: version, to: &bytes)
    }

    /// The status line and the date. Fields may follow by ``writeField(_:_:to:)-(_,String,_)``, and
    /// ``endHead(_:framing:keepAlive:version:to:)`` must.
    package static func beginHead(
        _ status: HTTPStatus,
        date: Span<UInt8>,
        to bytes: inout [UInt8]
    ) {
        if status == .ok {
            bytes.append("HTTP/1.1 200 OK\r\ndate: ")
        } else {
            bytes.append("HTTP/1.1 ")
            bytes.append(decimal: UInt64(status.rawValue))
            bytes.append(" ")
            bytes.append(status.reason)
            bytes.append("\r\ndate: ")
        }
        bytes.append(copying: date)
        bytes.append("\r\n")
    }

    package static func writeField(
        _ name: StaticString,
        _ value: String,
        to bytes: inout [UInt8]
    ) {
        writeField(name, value.utf8.span, to: &bytes)
    }

    package static func writeField(
        _ name: StaticString,
        _ value: Span<UInt8>,
        to bytes: inout [UInt8]
    ) {
        bytes.append(fieldName: name)
        bytes.append(": ")
        bytes.append(fieldValue: value)
        bytes.append("\r\n")
    }

    /// The fields about framing and the connection, and the empty line.
    package static func endHead(
        _ status: HTTPStatus,
        framing: HTTPFraming,
        keepAlive: Bool,
        version: HTTPVersion = .http11,
        to bytes: inout [UInt8]
    ) {
        if !status.isBodiless {
            switch framing {
            case .none:
                bytes.append("content-length: 0\r\n")
            case .length(let length):
                bytes.append("content-length: ")
                bytes.append(decimal: length)
                bytes.append("\r\n")
            case .chunked:
                bytes.append("transfer-encoding: chunked\r\n")
            case .untilClose:
                break
            }
        }
        if status != .switchingProtocols {
            if !keepAlive || framing == .untilClose {
                bytes.append("connection: close\r\n")
            } else if version == .http10 {
                bytes.append("connection: keep-alive\r\n")
            }
        }
        bytes.append("\r\n")
    }

    /// The interim response that invites a waiting client to send its content.
    package static func writeContinue(to bytes: inout [UInt8]) {
        bytes.append("HTTP/1.1 100 Continue\r\n\r\n")
    }

    /// One chunk. Nothing at all for no content, since an empty chunk would be the last.
    package static func writeChunk(_ content: Span<UInt8>, to bytes: inout [UInt8]) {
        guard !content.isEmpty else { return }
        bytes.append(hexadecimal: UInt64(content.count))
        bytes.append("\r\n")
        bytes.append(copying: content)
        bytes.append("\r\n")
    }

    package static func writeLastChunk(to bytes: inout [UInt8]) {
        bytes.append("0\r\n\r\n")
    }
}

extension [UInt8] {
    mutating func append(decimal number: UInt64) {
        append(digitsOf: number, radix: 10)
    }

    mutating func append(hexadecimal number: UInt64) {
        append(digitsOf: number, radix: 16)
    }

    private mutating func append(digitsOf number: UInt64, radix: UInt64) {
        var power: UInt64 = 1
        while number / power >= radix {
            power *= radix
        }
        while power > 0 {
            let digit = UInt8(truncatingIfNeeded: number / power % radix)
            append(digit < 10 ? digit + 0x30 : digit - 10 + 0x61)
            power /= radix
        }
    }
}
