/// Takes the lines of a description one by one and makes a ``SessionDescription`` of them.
struct SDPReader {
    private var description: SessionDescription?
    /// What stands before the first `m=`; a section without a kind of its own.
    private var session = SectionDraft(SessionDescription.Section(.other(""), proto: ""), line: 0)
    private var draft: SectionDraft?
    private var mids: Set<String> = []
    private var lineCount = 0

    mutating func receive(_ line: ArraySlice<UInt8>) throws(SDPFault) {
        lineCount += 1
        guard !line.isEmpty else { return }
        guard line.count >= 2, line[line.startIndex + 1] == UInt8(ascii: "=") else {
            throw SDPFault(lineCount == 1 ? .version : .line, line: lineCount)
        }
        let value = line.dropFirst(2)
        guard description != nil else {
            guard line.elementsEqual("v=0".utf8) else {
                throw SDPFault(.version, line: lineCount)
            }
            description = SessionDescription(id: 0, version: 0)
            return
        }
        switch line.first {
        case UInt8(ascii: "o"): receiveOrigin(value)
        case UInt8(ascii: "m"):
            try finishSection()
            draft = try SectionDraft(media: value, line: lineCount)
        case UInt8(ascii: "a"): try receiveAttribute(value)
        // Names, times, addresses, bandwidths and keys, none of which decide anything here.
        default: break
        }
    }

    mutating func finish() throws(SDPFault) -> SessionDescription {
        try finishSection()
        guard let description else { throw SDPFault(.version, line: 1) }
        return description
    }

    private mutating func receiveOrigin(_ value: ArraySlice<UInt8>) {
        let words = value.words
        guard words.count >= 3 else { return }
        description?.id = words[1].number() ?? 0
        description?.version = words[2].number() ?? 0
    }

    private mutating func receiveAttribute(_ line: ArraySlice<UInt8>) throws(SDPFault) {
        let (name, value) = line.cut(at: ":")
        // No attribute that is read has a longer name.
        guard name.count <= 20 else { return }
        if draft != nil {
            try draft?.receive(name.text, value ?? [], line: lineCount)
            return
        }
        switch name.text {
        case "group": try receiveGroup(value ?? [])
        case "ice-lite": description?.isICELite = true
        case let name where SectionDraft.namesForAll.contains(name):
            try session.receive(name, value ?? [], line: lineCount)
        default: break
        }
    }

    private mutating func receiveGroup(_ value: ArraySlice<UInt8>) throws(SDPFault) {
        let words = value.words
        guard let semantics = words.first, semantics.elementsEqual("BUNDLE".utf8) else { return }
        let count = description?.bundles.reduce(0) { $0 + $1.count } ?? 0
        var group: [String] = []
        var seen: Set<String> = []
        for word in words.dropFirst() {
            guard word.isToken(upTo: 64) else { throw SDPFault(.mid, line: lineCount) }
            guard seen.insert(word.text).inserted else { throw SDPFault(.group, line: lineCount) }
            group.append(word.text)
        }
        guard count + group.count <= SessionDescription.sectionLimit else {
            throw SDPFault(.group, line: lineCount)
        }
        if !group.isEmpty { description?.bundles.append(group) }
    }

    private mutating func finishSection() throws(SDPFault) {
        guard var finished = draft else { return }
        draft = nil
        try finished.inherit(session)
        let section = finished.section
        if let mid = section.mid, !mids.insert(mid).inserted {
            throw SDPFault(.mid, line: finished.line)
        }
        guard let count = description?.sections.count, count < SessionDescription.sectionLimit
        else { throw SDPFault(.sections, line: finished.line) }
        description?.sections.append(section)
    }
}
