internal import Basics
internal import IO
internal import Wire

/// A face for somebody who has uploaded none: their initials on a colour that is always theirs.
struct Avatar {
    let person: Person

    var response: HTTPResponse {
        var fields: HTTPFields = [
            "content-type": "image/svg+xml",
            // A drawing may hold scripts elsewhere; here none would run.
            "content-security-policy": "default-src 'none'; sandbox",
            "x-content-type-options": "nosniff",
            "cache-control": "private, max-age=86400",
        ]
        fields.append("vary", "Authorization, Cookie")
        return HTTPResponse(.ok, fields: fields, body: .bytes([UInt8](drawing.utf8)))
    }

    var drawing: String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="128" height="128" viewBox="0 0 128 128">\
        <rect width="128" height="128" fill="hsl(\(hue),45%,40%)"/>\
        <text x="64" y="64" dy="0.35em" text-anchor="middle" font-family="sans-serif" \
        font-size="52" fill="#fff">\(Self.escape(initials))</text></svg>
        """
    }

    /// The first letter of the first word and of the last.
    var initials: String {
        let words = person.displayName.split { $0 == " " || $0 == "-" || $0 == "." || $0 == "_" }
        let letters = [words.first, words.count > 1 ? words.last : nil].compactMap { $0?.first }
        let text = letters.map { String($0).uppercased() }.joined()
        return text.isEmpty ? "?" : text
    }

    private var hue: Int {
        person.id.utf8.reduce(0) { ($0 * 31 + Int($1)) % 360 }
    }

    private static func escape(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "&": escaped += "&amp;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }
}
