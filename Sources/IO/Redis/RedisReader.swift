internal import CHiredis

/// Answers out of bytes, by hiredis' reader, in whatever pieces the bytes come.
///
/// hiredis finds where an answer ends and checks its form; what it finds is put together here, so no
/// object of ours is ever owned by C. Total: what is no RESP2, or more than ``limit`` bytes, ends in a
/// ``Fault`` before it is held, after which the reader is of no more use.
@safe package struct RedisReader: ~Copyable {
    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        package var description: String
    }

    /// The most bytes of one answer.
    package let limit: Int

    nonisolated(unsafe) private let reader: UnsafeMutablePointer<redisReader>
    private let draft: Draft
    /// Bytes since the last whole answer.
    private var pending = 0

    package init(limit: Int) {
        guard let reader = unsafe redisReaderCreateWithFunctions(builders) else {
            preconditionFailure("there is no memory for a reader of answers")
        }
        draft = Draft()
        unsafe reader.pointee.privdata = Unmanaged.passUnretained(draft).toOpaque()
        unsafe self.reader = reader
        self.limit = limit
    }

    deinit {
        unsafe redisReaderFree(reader)
    }

    /// Takes more bytes. Call ``next()`` until it has no more.
    package mutating func receive(_ bytes: Span<UInt8>) throws(Fault) {
        guard pending + bytes.count <= limit + Self.slack else { throw tooLarge }
        pending += bytes.count
        let status = unsafe bytes.withUnsafeBytes { bytes in
            unsafe redisReaderFeed(
                reader,
                bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
                bytes.count
            )
        }
        guard status == REDIS_OK else { throw fault }
    }

    /// The next whole answer, if there is one.
    package mutating func next() throws(Fault) -> RedisValue? {
        var reply: UnsafeMutableRawPointer?
        guard unsafe redisReaderGetReply(reader, &reply) == REDIS_OK else { throw fault }
        guard unsafe reply != nil else {
            try lookAhead()
            return nil
        }
        pending = unsafe reader.pointee.len - reader.pointee.pos
        return draft.finish()
    }

    /// Refuses a text that is announced as too long, rather than wait until that much of it has come,
    /// and a line that does not end: hiredis would look for its end from its beginning each time.
    private func lookAhead() throws(Fault) {
        var index = unsafe reader.pointee.pos
        let end = unsafe reader.pointee.len
        guard index < end, let buffer = unsafe reader.pointee.buf else { return }
        guard kindUnderWay == REDIS_REPLY_STRING else {
            guard end - index <= Self.lineLimit else {
                throw Fault(description: "a line has more than \(Self.lineLimit) bytes")
            }
            return
        }
        var announced = 0
        let last = index + 19
        while index < end {
            let digit = unsafe Int(buffer[index]) - Int(UInt8(ascii: "0"))
            guard (0...9).contains(digit) else { return }
            announced = announced * 10 + digit
            guard announced <= limit, index < last else { throw tooLarge }
            index += 1
        }
    }

    /// Of which kind the thing is that has begun: its first byte is read, and the rest not all there.
    private var kindUnderWay: Int32 {
        let depth = unsafe Int(reader.pointee.ridx)
        return unsafe withUnsafeBytes(of: &reader.pointee.rstack) { bytes in
            let tasks = unsafe bytes.assumingMemoryBound(to: redisReadTask.self)
            return unsafe tasks.indices.contains(depth) ? tasks[depth].type : -1
        }
    }

    private var tooLarge: Fault { Fault(description: "an answer has more than \(limit) bytes") }

    private var fault: Fault {
        if draft.isTooMuch {
            return Fault(description: "an answer has more than \(Draft.most) elements")
        }
        let words = unsafe withUnsafeBytes(of: reader.pointee.errstr) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return Fault(description: words)
    }

    /// One read may bring the end of an answer and the beginning of others.
    private static let slack = 64 << 10
    private static let lineLimit = 64 << 10
}

/// An answer in the making: what hiredis has found of it, in the order in which it was sent.
private final class Draft {
    enum Piece {
        case value(RedisValue)
        case array(count: Int)
    }

    private var pieces: [Piece] = []
    private(set) var isTooMuch = false

    static let most = 1 << 20

    /// True if there was room.
    func add(_ piece: Piece) -> Bool {
        var announced = 1
        if case .array(let count) = piece { announced += max(count, 0) }
        guard pieces.count + announced <= Self.most else {
            isTooMuch = true
            return false
        }
        pieces.append(piece)
        return true
    }

    /// The whole answer. hiredis has said that it is whole, so every array has all its elements.
    func finish() -> RedisValue? {
        var index = 0
        let value = fold(&index)
        pieces.removeAll(keepingCapacity: pieces.count <= 64)
        return value
    }

    /// hiredis refuses arrays that lie deeper than seven in each other.
    private func fold(_ index: inout Int) -> RedisValue? {
        guard index < pieces.count else { return nil }
        let piece = pieces[index]
        index += 1
        switch piece {
        case .value(let value):
            return value
        case .array(let count):
            var elements: [RedisValue] = []
            for _ in 0..<count {
                guard let element = fold(&index) else { return nil }
                elements.append(element)
            }
            return .array(elements)
        }
    }
}

/// What hiredis calls for each thing it finds. What it is given back it only compares with null.
nonisolated(unsafe) private let builders: UnsafeMutablePointer<redisReplyObjectFunctions> = {
    let builders = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
    unsafe builders.initialize(
        to: redisReplyObjectFunctions(
            createString: { task, text, count in
                let bytes = unsafe UnsafeRawBufferPointer(start: text, count: count)
                let kind = unsafe task?.pointee.type ?? 0
                return unsafe add(.value(value(bytes, kind: kind)), to: task)
            },
            createArray: { task, count in unsafe add(.array(count: Int(count)), to: task) },
            createInteger: { task, number in
                unsafe add(.value(.integer(Int64(number))), to: task)
            },
            createNil: { task in unsafe add(.value(.null), to: task) },
            freeObject: { _ in }
        )
    )
    return unsafe builders
}()

private func value(_ bytes: UnsafeRawBufferPointer, kind: Int32) -> RedisValue {
    switch kind {
    case REDIS_REPLY_STATUS:
        return .status(unsafe String(decoding: bytes, as: UTF8.self))
    case REDIS_REPLY_ERROR:
        let words = unsafe String(decoding: bytes, as: UTF8.self)
            .split(separator: " ", maxSplits: 1)
        return .error(
            code: words.first.map { String($0) } ?? "ERR",
            text: words.count > 1 ? String(words[1]) : ""
        )
    default:
        return unsafe .bulk([UInt8](bytes))
    }
}

private func add(
    _ piece: Draft.Piece,
    to task: UnsafePointer<redisReadTask>?
) -> UnsafeMutableRawPointer? {
    guard let place = unsafe task?.pointee.privdata else { return nil }
    let draft = unsafe Unmanaged<Draft>.fromOpaque(place).takeUnretainedValue()
    return unsafe draft.add(piece) ? place : nil
}
