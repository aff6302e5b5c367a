/// Which bytes of a representation a Range field asks for (RFC 9110 section 14).
package enum HTTPRange: Equatable, Sendable {
    /// Answer 200 with everything: the field is absent, not understood, or not worth obeying.
    case whole
    /// Answer 206 with these, in the order they were asked for. At least one; none is empty; and
    /// together no more than the whole, so that nobody can have the same bytes sent many times.
    case partial([Range<UInt64>])
    /// Answer 416 with `content-range: bytes */length`.
    case unsatisfiable

    /// Reads a Range field's value against the length of what there is.
    ///
    /// More than `most` ranges, or ranges that add up to more than the whole, are answered with the
    /// whole, as RFC 9110 section 17.15 suggests.
    package init(parsing value: Span<UInt8>, length: UInt64, most: Int = 16) {
        guard value.count > 6, value.extracting(0..<6).equalsInAnyCase("bytes=") else {
            self = .whole
            return
        }
        let list = value.extracting(6..<value.count)
        var ranges: [Range<UInt64>] = []
        var count = 0
        var isValid = true
        var sum: UInt64 = 0
        var isTooMuch = false
        _ = list.anyListMember { member in
            count += 1
            guard count <= most, let asked = Self.range(list.extracting(member), length: length)
            else {
                isValid = false
                return true
            }
            guard !asked.isEmpty else { return false }
            ranges.append(asked)
            let (total, overflows) = sum.addingReportingOverflow(
                asked.upperBound - asked.lowerBound
            )
            sum = total
            isTooMuch = isTooMuch || overflows || total > length
            return false
        }
        if !isValid || count == 0 || isTooMuch {
            self = .whole
        } else {
            self = ranges.isEmpty ? .unsatisfiable : .partial(ranges)
        }
    }

    /// What one member asks for of what there is; empty if it asks for what there isn't.
    private static func range(_ member: Span<UInt8>, length: UInt64) -> Range<UInt64>? {
        var dash = 0
        while dash < member.count, member[dash] != UInt8(ascii: "-") {
            dash += 1
        }
        guard dash < member.count else { return nil }
        let hasLast = dash + 1 < member.count
        if dash == 0 {
            guard let suffix = number(member.extracting(1..<member.count)) else { return nil }
            return length - min(suffix, length)..<length
        }
        guard let first = number(member.extracting(0..<dash)) else { return nil }
        guard hasLast else { return min(first, length)..<length }
        guard let last = number(member.extracting(dash + 1..<member.count)), first <= last else {
            return nil
        }
        let end = last < length ? last + 1 : length
        return min(first, end)..<end
    }

    /// A number that is too large is as good as the largest: both are beyond the end.
    private static func number(_ digits: Span<UInt8>) -> UInt64? {
        guard !digits.isEmpty else { return nil }
        var number: UInt64 = 0
        for index in digits.indices {
            guard let digit = HTTPSyntax.digit(digits[index]) else { return nil }
            let (tens, isTooMany) = number.multipliedReportingOverflow(by: 10)
            let (sum, isTooMuch) = tens.addingReportingOverflow(UInt64(digit))
            number = isTooMany || isTooMuch ? .max : sum
        }
        return number
    }
}
