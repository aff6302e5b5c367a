internal import Glibc

/// Where figures and remarks go: figures to standard output, remarks to standard error.
enum Terminal {
    static func say(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }
    static func remark(_ text: String) { write("# \(text)\n", to: STDERR_FILENO) }
    /// Without a line's end, for what is overwritten.
    static func mutter(_ text: String) { write(text, to: STDERR_FILENO) }
    static func complain(_ text: String) { write("roost-drill: \(text)\n", to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) {
        var rest = [UInt8](text.utf8)[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }  // nobody reads any more
            rest = rest.dropFirst(count)
        }
    }
}
