/// `host`, `host:port`, `[v6]` and `[v6]:port`.
package enum HostAndPort {
    package static func split(_ text: String, usual: UInt16) -> (host: String, port: UInt16)? {
        if text.hasPrefix("[") {
            guard let bracket = text.firstIndex(of: "]") else { return nil }
            let host = String(text[text.index(after: text.startIndex)..<bracket])
            let rest = text[text.index(after: bracket)...]
            if rest.isEmpty { return (host, usual) }
            guard rest.first == ":", let port = UInt16(rest.dropFirst()) else { return nil }
            return (host, port)
        }
        guard let colon = text.lastIndex(of: ":") else {
            return text.isEmpty ? nil : (text, usual)
        }
        let host = text[..<colon]
        if host.contains(":") { return (text, usual) }
        guard !host.isEmpty, let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        return (String(host), port)
    }
}
