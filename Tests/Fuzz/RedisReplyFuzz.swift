import IO

/// Answers are the same in whatever pieces they come, and so is whether they end in a fault; and what
/// was read, written out again, reads as the same.
let fuzzRedisReply: FuzzTarget = { bytes in
    let whole = read(bytes, inPiecesOf: max(bytes.count, 1))
    for size in [1, 3, Int(bytes.first ?? 0) + 1] {
        let again = read(bytes, inPiecesOf: size)
        precondition(again.values == whole.values, "pieces of \(size) read as something else")
        precondition(again.hasFailed == whole.hasFailed, "pieces of \(size) end otherwise")
    }
    var written: [UInt8] = []
    for value in whole.values { write(value, to: &written) }
    let again = read(written, inPiecesOf: 64)
    precondition(!again.hasFailed && again.values == whole.values, "it does not read as written")
}

private func read(_ bytes: [UInt8], inPiecesOf size: Int) -> (values: [RedisValue], hasFailed: Bool)
{
    var reader = RedisReader(limit: 64 << 10)
    var values: [RedisValue] = []
    do throws(RedisReader.Fault) {
        for start in stride(from: 0, to: bytes.count, by: size) {
            try reader.receive(bytes[start..<min(start + size, bytes.count)].span)
            while let value = try reader.next() { values.append(value) }
        }
        return (values, false)
    } catch {
        return (values, true)
    }
}

private func write(_ value: RedisValue, to bytes: inout [UInt8]) {
    switch value {
    case .status(let text): bytes += "+\(text)\r\n".utf8
    case .error(let code, let text): bytes += "-\(text.isEmpty ? code : "\(code) \(text)")\r\n".utf8
    case .integer(let number): bytes += ":\(number)\r\n".utf8
    case .null: bytes += "$-1\r\n".utf8
    case .bulk(let text): bytes += Array("$\(text.count)\r\n".utf8) + text + [13, 10]
    case .array(let elements):
        bytes += "*\(elements.count)\r\n".utf8
        for element in elements { write(element, to: &bytes) }
    }
}
