internal import COpenSSL

/// What OpenSSL left in this thread's error queue, read and emptied.
///
/// The queue is the thread's, not the connection's: whoever leaves something in it makes the next
/// call on another connection look as if it had failed. So every call that may fail is preceded by
/// ``clear()`` or followed by ``drain()``.
struct OpenSSLQueue {
    struct Entry {
        var library: Int32
        var reason: Int32
        var text: String
    }

    /// OpenSSL keeps sixteen; the first is the cause.
    var entries: [Entry] = []

    static func clear() {
        ERR_clear_error()
    }

    static func drain() -> OpenSSLQueue {
        var queue = OpenSSLQueue()
        while queue.entries.count < 16 {
            var details: UnsafePointer<CChar>?
            var flags: Int32 = 0
            let code = unsafe ERR_get_error_all(nil, nil, nil, &details, &flags)
            guard code != 0 else { return queue }
            var text = "error \(code)"
            if let reason = unsafe ERR_reason_error_string(code) {
                text = unsafe String(cString: reason)
            }
            if flags & ERR_TXT_STRING != 0, let details = unsafe details {
                let detail = unsafe String(cString: details)
                if !detail.isEmpty { text += " (\(detail))" }
            }
            queue.entries.append(
                Entry(library: ERR_GET_LIB(code), reason: ERR_GET_REASON(code), text: text)
            )
        }
        clear()
        return queue
    }

    /// The first reason that the TLS library gave, as its number.
    var tlsReason: Int32? {
        entries.first { $0.library == ERR_LIB_SSL }?.reason
    }

    /// All of it in one line.
    var sentence: String {
        entries.isEmpty ? "OpenSSL gave no reason" : entries.map(\.text).joined(separator: ": ")
    }
}
