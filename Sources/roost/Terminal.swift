internal import Glibc

/// The person or script at the other end.
enum Terminal {
    /// Prints the text, and ends its last line if it has not.
    static func say(_ text: String) {
        write(text.hasSuffix("\n") ? text : text + "\n", to: STDOUT_FILENO)
    }

    static func complain(_ text: String) {
        write("roost: \(text)\n", to: STDERR_FILENO)
    }

    static var hasColour: Bool {
        showsPeople && SettingsSource.environment["NO_COLOR"] == nil
    }

    static var showsPeople: Bool { isatty(STDERR_FILENO) == 1 }

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
