/// What Redis answers (RESP2).
package enum RedisValue: Hashable, Sendable {
    /// A word such as `OK`.
    case status(String)
    case integer(Int64)
    case bulk([UInt8])
    /// The null bulk string and the null array, which mean the same: there is none.
    case null
    case array([RedisValue])
    /// An error, which only an element of an array can be: a whole answer of this kind is thrown as
    /// ``RedisFault/refused(code:text:)``.
    case error(code: String, text: String)
}

extension RedisValue {
    /// The bytes of a bulk string.
    package var bytes: [UInt8]? {
        guard case .bulk(let bytes) = self else { return nil }
        return bytes
    }

    /// The words of a bulk string or of a status; what is no UTF-8 comes out as replacement characters.
    package var text: String? {
        switch self {
        case .bulk(let bytes): String(decoding: bytes, as: UTF8.self)
        case .status(let text): text
        case .integer, .null, .array, .error: nil
        }
    }

    /// The number of an integer, or one that is written out in a bulk string.
    package var number: Int64? {
        switch self {
        case .integer(let number): number
        case .bulk(let bytes): Int64(String(decoding: bytes, as: UTF8.self))
        case .status, .null, .array, .error: nil
        }
    }

    package var elements: [RedisValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    package var isNull: Bool { self == .null }

    /// The value that follows this name in an array of names and values, as `HGETALL` answers.
    package subscript(name: String) -> RedisValue? {
        guard case .array(let elements) = self else { return nil }
        let name = [UInt8](name.utf8)
        var index = 0
        while index + 1 < elements.count {
            if elements[index].bytes == name { return elements[index + 1] }
            index += 2
        }
        return nil
    }
}
