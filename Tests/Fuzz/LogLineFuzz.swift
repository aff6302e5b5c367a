import Basics

/// Whatever is logged: one line, no control character, valid UTF-8, bounded, and no secret.
let fuzzLogLine: FuzzTarget = { bytes in
    let parts = bytes.split(separator: 0xFF, maxSplits: 5, omittingEmptySubsequences: false)
        .map { String(decoding: $0, as: UTF8.self) }
    var fields = LogFields()
    for (name, value) in zip(parts.dropFirst(), parts.dropFirst(2)) {
        fields[name] = .string(value)
    }
    fields["session_token"] = "hunter2hunter2"
    let record = LogRecord(
        time: WallTime(seconds: Int64(bytes.count)),
        level: .info,
        room: parts.first ?? "",
        message: parts.last ?? "",
        fields: fields
    )
    for format in [LogFormat.human(colour: false), .json] {
        var line: [UInt8] = []
        format.append(record, to: &line)
        precondition(line.last == UInt8(ascii: "\n"), "the line has no end")
        precondition(line.dropLast().allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "a control got in")
        precondition(line.elementsEqual(String(decoding: line, as: UTF8.self).utf8), "no UTF-8")
        precondition(line.count < 64 * 1024, "the line has no bound")
        let text = String(decoding: line, as: UTF8.self)
        let isTold = parts.contains { $0.contains("hunter2hunter2") }
        precondition(isTold || !text.contains("hunter2hunter2"), "a secret got out")
        // What separates and what turns lines, in UTF-8: U+2028 to U+202E, U+0080 to U+009F.
        for (one, (two, three)) in zip(line, zip(line.dropFirst(), line.dropFirst(2))) {
            precondition(!(one == 0xC2 && two < 0xA0), "a C1 control got in")
            let isTurning = one == 0xE2 && two == 0x80 && 0xA8...0xAE ~= three
            precondition(!isTurning, "a mark of direction got in")
        }
    }
}
