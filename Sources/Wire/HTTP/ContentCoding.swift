/// How a response's content may be squeezed (RFC 9110 section 8.4).
package enum ContentCoding: String, Sendable {
    case identity
    case gzip

    /// The better of the two for a client that sent these fields: gzip if it is welcome and not
    /// less so than plain content (RFC 9110 section 12.5.3).
    ///
    /// A client that wants neither gets plain content all the same, which the RFC prefers to an
    /// error. Members of the list that can't be read are passed over.
    package static func best(for fields: HTTPFields) -> ContentCoding {
        var gzip: Int?
        var identity: Int?
        var others: Int?
        for value in fields.all("accept-encoding") {
            let list = value.span
            _ = list.anyListMember { member in
                let (coding, weight) = split(list.extracting(member))
                guard let weight else { return false }
                let name = list.extracting(member).extracting(coding)
                if name.equalsInAnyCase("gzip") || name.equalsInAnyCase("x-gzip") {
                    gzip = max(gzip ?? 0, weight)
                } else if name.equalsInAnyCase("identity") {
                    identity = max(identity ?? 0, weight)
                } else if name.equals("*") {
                    others = max(others ?? 0, weight)
                }
                return false
            }
        }
        let welcome = gzip ?? others ?? 0
        return welcome > 0 && welcome >= identity ?? 0 ? .gzip : .identity
    }

    /// A member's name, and its weight in thousandths: `gzip;q=0.8` is 800.
    private static func split(_ member: Span<UInt8>) -> (name: Range<Int>, weight: Int?) {
        var semicolon = 0
        while semicolon < member.count, member[semicolon] != UInt8(ascii: ";") {
            semicolon += 1
        }
        let name = member.trimmed(0..<semicolon)
        guard semicolon < member.count else { return (name, 1_000) }
        let weight = member.trimmed(semicolon + 1..<member.count)
        return (name, self.weight(member.extracting(weight)))
    }

    /// `q=` and a number from 0 to 1 with up to three decimals (RFC 9110 section 12.4.2).
    private static func weight(_ text: Span<UInt8>) -> Int? {
        guard text.count >= 3, text.count <= 7, text.extracting(0..<2).equalsInAnyCase("q="),
            let units = HTTPSyntax.digit(text[2]), units <= 1,
            text.count == 3 || text[3] == UInt8(ascii: ".")
        else { return nil }
        var weight = Int(units) * 1_000
        var place = 100
        for index in min(4, text.count)..<text.count {
            guard let digit = HTTPSyntax.digit(text[index]) else { return nil }
            weight += Int(digit) * place
            place /= 10
        }
        return weight <= 1_000 ? weight : nil
    }
}
