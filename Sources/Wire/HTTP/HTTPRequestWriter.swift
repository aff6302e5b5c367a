/// Writes requests at the end of an array that will be sent (RFC 9112 section 3).
///
/// The twin of ``HTTPResponseWriter``: a location and fields can't hold a line end, and the fields
/// that say whom the request is for and where it ends are written here and nowhere else. Those that
/// the caller gave under the same names are left out.
package enum HTTPRequestWriter {
    /// Appends a head. The content, `length` bytes of it, must follow.
    package static func writeHead(
        _ method: HTTPMethod,
        _ location: HTTPLocation,
        fields: HTTPFields,
        length: Int,
        to bytes: inout [UInt8]
    ) {
        precondition(method != .connect && method != .other, "only known methods are sent")
        bytes.append(contentsOf: method.rawValue.utf8)
        bytes.append(" ")
        bytes.append(contentsOf: location.target.utf8)
        bytes.append(" HTTP/1.1\r\nhost: ")
        bytes.append(contentsOf: location.authority.utf8)
        bytes.append("\r\n")
        for index in 0..<fields.count {
            let (name, value) = fields[index]
            guard !isOurs(name.span) else { continue }
            bytes.append(copying: name.span)
            bytes.append(": ")
            bytes.append(copying: value.span)
            bytes.append("\r\n")
        }
        // A method that means to bring content says so even when it brings none (RFC 9110 section
        // 8.6).
        if length > 0 || method == .post || method == .put || method == .patch {
            bytes.append("content-length: ")
            bytes.append(contentsOf: String(length).utf8)
            bytes.append("\r\n")
        }
        bytes.append("\r\n")
    }

    private static func isOurs(_ name: Span<UInt8>) -> Bool {
        name.equalsInAnyCase("host") || name.equalsInAnyCase("content-length")
            || name.equalsInAnyCase("transfer-encoding") || name.equalsInAnyCase("connection")
            || name.equalsInAnyCase("upgrade") || name.equalsInAnyCase("te")
            || name.equalsInAnyCase("trailer") || name.equalsInAnyCase("expect")
    }
}
