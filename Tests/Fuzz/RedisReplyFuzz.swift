import Doctor

/// A reply is the same however much of the next one has come, and no part of it is one.
let fuzzRedisReply: FuzzTarget = { bytes in
    do throws(RedisReply.Fault) {
        guard let whole = try RedisReply.parse(bytes.span) else {
            precondition(bytes.count < RedisReply.limit, "nobody waits for more than the limit")
            return
        }
        precondition(whole.size > 0 && whole.size <= bytes.count, "a reply lies in its bytes")
        let exact = try RedisReply.parse(bytes.span.extracting(0..<whole.size))
        precondition(exact?.reply == whole.reply && exact?.size == whole.size)
        for count in [whole.size / 2, whole.size - 1] {
            let part = try RedisReply.parse(bytes.span.extracting(0..<count))
            precondition(part == nil, "a part is no whole")
        }
    } catch {
        precondition(error.offset <= bytes.count, "a fault is in the bytes")
    }
}
