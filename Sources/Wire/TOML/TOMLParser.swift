/// Reads a TOML 1.0 document line by line, and goes on after a line it can't read.
///
///     document ─▶ statement* ─▶ header | path = value | comment | nothing, then the line's end
///
/// A fault costs its line; a fault inside something that spans lines costs the lines up to the next
/// one that looks like a header or a key. No line is looked at more than a few times.
struct TOMLParser: ~Escapable {
    let bytes: Span<UInt8>
    let limits: TOMLLimits
    private(set) var faults: [TOMLFault] = []
    var offset = 0
    /// How many tables and arrays surround what is being read.
    var depth = 0
    /// How many unclosed things that may span lines surround what is being read.
    var openSpans = 0
    private var elements = 0
    private var line = 1
    private var lineStart = 0
    private var isStopped = false
    private var sectionDepth = 0
    private var tree = TOMLTree()

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, limits: TOMLLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    var root: TOMLTable { tree.root }

    mutating func parse() {
        guard bytes.count <= limits.bytes else {
            return record(fault(.tooManyBytes))
        }
        do {
            _ = try UTF8Span(validating: bytes)
        } catch {
            while offset < error.byteOffsets.lowerBound {
                if !skipNewline() { offset += 1 }
            }
            return record(fault(.invalidUTF8))
        }
        skipByteOrderMark()
        while offset < bytes.count, !isStopped {
            let first = line
            do {
                try statement()
            } catch {
                record(error)
                recover(from: first)
            }
        }
    }

    private mutating func statement() throws(TOMLFault) {
        depth = sectionDepth
        openSpans = 0
        skipBlanks()
        switch next {
        case nil, UInt8(ascii: "#"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): try endLine()
        case UInt8(ascii: "["): try header()
        default:
            let path = try path(under: sectionDepth)
            guard skip(UInt8(ascii: "=")) else { throw fault(.missingEquals) }
            skipBlanks()
            depth = sectionDepth + path.count
            let value = try value()
            try endLine()
            // The line is whole, so what it says may be wrong without costing the next one.
            do { try tree.set(path, to: value) } catch { record(error) }
        }
    }

    private mutating func header() throws(TOMLFault) {
        tree.openNowhere()
        sectionDepth = 0
        offset += 1
        let isElement = skip(UInt8(ascii: "["))
        let path = try path(under: isElement ? 1 : 0)
        guard skip(UInt8(ascii: "]")), !isElement || skip(UInt8(ascii: "]")) else {
            throw fault(.unclosedHeader)
        }
        sectionDepth = path.count + (isElement ? 1 : 0)
        do {
            if isElement { try tree.openElement(path) } else { try tree.open(path) }
        } catch {
            record(error)
        }
        try endLine()
    }

    /// A key and the keys dotted to it, up to whatever follows.
    mutating func path(under depth: Int) throws(TOMLFault) -> [TOMLTree.Key] {
        var path: [TOMLTree.Key] = []
        repeat {
            skipBlanks()
            guard depth + path.count < limits.depth else { throw fault(.tooDeep) }
            try countElement()
            let position = position
            path.append(TOMLTree.Key(name: try key(), position: position))
            skipBlanks()
        } while skip(UInt8(ascii: "."))
        return path
    }

    private mutating func key() throws(TOMLFault) -> String {
        switch next {
        case UInt8(ascii: "\""): return try basicString()
        case UInt8(ascii: "'"): return try literalString()
        default:
            let start = offset
            while let byte = next, byte.isBareKey { offset += 1 }
            guard offset > start else { throw fault(.missingKey) }
            return text(start..<offset)
        }
    }

    /// A comment, if there is one, and the line's end or the document's.
    private mutating func endLine() throws(TOMLFault) {
        skipBlanks()
        try skipComment()
        guard offset == bytes.count || skipNewline() else {
            throw fault(next == UInt8(ascii: "\r") ? .controlCharacter : .trailingText)
        }
    }

    mutating func skipComment() throws(TOMLFault) {
        guard next == UInt8(ascii: "#") else { return }
        while let byte = next, byte != UInt8(ascii: "\n") {
            if isNewline { return }
            guard !byte.isControl else { throw fault(.controlCharacter) }
            offset += 1
        }
    }

    mutating func countElement() throws(TOMLFault) {
        guard elements < limits.elements else {
            isStopped = true
            throw fault(.tooManyElements)
        }
        elements += 1
    }

    private mutating func record(_ fault: TOMLFault) {
        guard faults.count <= limits.faults else { return }
        guard faults.count < limits.faults else {
            faults.append(TOMLFault(position: fault.position, rule: .tooManyFaults))
            isStopped = true
            return
        }
        faults.append(fault)
    }

    /// Moves to where reading may go on after a fault in a statement that began on line `first`.
    ///
    /// If the statement had run on to later lines, the one at hand may be innocent: a list that was
    /// not closed is noticed at the key after it.
    private mutating func recover(from first: Int) {
        guard openSpans > 0 else { return skipLine() }
        if line > first { offset = lineStart } else { skipLine() }
        while offset < bytes.count, !looksLikeStatement { skipLine() }
    }

    private var looksLikeStatement: Bool {
        var place = offset
        while place < bytes.count, bytes[place].isBlank { place += 1 }
        guard place < bytes.count else { return false }
        guard bytes[place] != UInt8(ascii: "[") else { return looksLikeHeader(at: place) }
        guard bytes[place].isBareKey else { return false }
        while place < bytes.count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "=") { return true }
            guard byte.isBareKey || byte.isBlank || byte == UInt8(ascii: ".") else { return false }
            place += 1
        }
        return false
    }

    /// `[name]` rather than an element such as `[1, 2],`.
    private func looksLikeHeader(at start: Int) -> Bool {
        var place = start
        while place < bytes.count, bytes[place] == UInt8(ascii: "[") { place += 1 }
        guard place < bytes.count, bytes[place].isBareKey else { return false }
        while place < bytes.count,
            bytes[place].isBareKey || bytes[place].isBlank || bytes[place] == UInt8(ascii: ".")
        {
            place += 1
        }
        while place < bytes.count, bytes[place] == UInt8(ascii: "]") { place += 1 }
        while place < bytes.count, bytes[place].isBlank { place += 1 }
        guard place < bytes.count else { return true }
        return [UInt8(ascii: "#"), UInt8(ascii: "\n"), UInt8(ascii: "\r")].contains(bytes[place])
    }

    private mutating func skipLine() {
        while offset < bytes.count {
            if skipNewline() { return }
            offset += 1
        }
    }

    private mutating func skipByteOrderMark() {
        guard bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF else { return }
        offset = 3
        lineStart = 3
    }

    var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    var position: TOMLPosition { TOMLPosition(line: line, column: offset - lineStart + 1) }

    func fault(_ rule: TOMLFault.Rule) -> TOMLFault { TOMLFault(position: position, rule: rule) }

    func text(_ range: Range<Int>) -> String {
        unsafe bytes.extracting(range).withUnsafeBufferPointer {
            unsafe String(decoding: $0, as: UTF8.self)
        }
    }

    mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        offset += 1
        return true
    }

    mutating func skipBlanks() {
        while let byte = next, byte.isBlank { offset += 1 }
    }

    var isNewline: Bool {
        next == UInt8(ascii: "\n")
            || (next == UInt8(ascii: "\r") && offset + 1 < bytes.count
                && bytes[offset + 1] == UInt8(ascii: "\n"))
    }

    mutating func skipNewline() -> Bool {
        guard isNewline else { return false }
        offset += next == UInt8(ascii: "\r") ? 2 : 1
        line += 1
        lineStart = offset
        return true
    }
}

extension UInt8 {
    var isBlank: Bool { self == 0x20 || self == 0x09 }

    /// What TOML keeps out of comments and strings: everything ASCII that prints nothing, but tab.
    var isControl: Bool { (self < 0x20 && self != 0x09) || self == 0x7F }

    var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }

    var isBareKey: Bool {
        isDigit || (self | 0x20) &- UInt8(ascii: "a") < 26 || self == UInt8(ascii: "_")
            || self == UInt8(ascii: "-")
    }
}
