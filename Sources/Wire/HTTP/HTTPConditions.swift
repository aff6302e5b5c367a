/// What a request's conditions say about the version of the representation that there is
/// (RFC 9110 section 13).
package struct HTTPConditions: Sendable {
    package enum Verdict: Hashable, Sendable {
        /// Perform the request.
        case proceed
        /// Answer 304: the client has this version.
        case notModified
        /// Answer 412: the client speaks of another version.
        case preconditionFailed
    }

    private let etag: ETag?
    private let lastModified: HTTPDate?
    private let now: HTTPDate

    /// The version there is. Both nil if there is none.
    package init(etag: ETag?, lastModified: HTTPDate? = nil, now: HTTPDate) {
        self.etag = etag
        self.lastModified = lastModified
        self.now = now
    }

    /// Weighs the conditions in the order of RFC 9110 section 13.2.2. A date that can't be read is
    /// no condition; a list of tags that can't be read matches nothing.
    package func verdict(on fields: HTTPFields, method: HTTPMethod) -> Verdict {
        let reads = method == .get || method == .head
        if fields.contains("if-match") {
            if !matches(fields.all("if-match"), { $0.isStronglyEqual(to: $1) }) {
                return .preconditionFailed
            }
        } else if let date = date("if-unmodified-since", in: fields), let lastModified,
            lastModified > date
        {
            return .preconditionFailed
        }
        if fields.contains("if-none-match") {
            if matches(fields.all("if-none-match"), { $0.isWeaklyEqual(to: $1) }) {
                return reads ? .notModified : .preconditionFailed
            }
        } else if reads, let date = date("if-modified-since", in: fields), let lastModified,
            lastModified <= date
        {
            return .notModified
        }
        return .proceed
    }

    /// Which bytes to send of what there are: the Range field's, if it still speaks of this version.
    package func range(
        on fields: HTTPFields,
        method: HTTPMethod,
        length: UInt64
    ) -> HTTPRange {
        let ranges = fields.all("range")
        guard method == .get, ranges.count == 1, let range = ranges.first, holdsIfRange(fields)
        else { return .whole }
        return HTTPRange(parsing: range.span, length: length)
    }

    private func holdsIfRange(_ fields: HTTPFields) -> Bool {
        let values = fields.all("if-range")
        guard let value = values.first else { return true }
        guard values.count == 1 else { return false }
        if let tag = ETag(parsing: value.span) {
            return etag.map { $0.isStronglyEqual(to: tag) } ?? false
        }
        guard let date = HTTPDate(parsing: value.span, now: now) else { return false }
        return lastModified == date
    }

    private func date(_ name: StaticString, in fields: HTTPFields) -> HTTPDate? {
        let values = fields.all(name)
        guard values.count == 1, let value = values.first else { return nil }
        return HTTPDate(parsing: value.span, now: now)
    }

    /// Whether `*` or a tag of the lists stands for the version there is. A list with something
    /// else in it ends there.
    private func matches(
        _ values: [ArraySlice<UInt8>],
        _ isSame: (ETag, ETag) -> Bool
    ) -> Bool {
        for value in values {
            let text = value.span
            if text.equals("*") { return etag != nil || lastModified != nil }
            var index = 0
            while index < text.count {
                if HTTPSyntax.isBlank(text[index]) || text[index] == UInt8(ascii: ",") {
                    index += 1
                    continue
                }
                guard let tag = ETag.read(text, from: &index) else { return false }
                if let etag, isSame(etag, tag) { return true }
            }
        }
        return false
    }
}
