internal import Glibc

/// A system call that said no: what was being done, the number, and the kernel's words for it.
package struct SystemFault: Error, Hashable, Sendable, CustomStringConvertible {
    package var doing: String
    package var code: Int32

    package init(doing: String, code: Int32) {
        self.doing = doing
        self.code = code
    }

    /// The fault of the call that has just failed.
    package static func last(_ doing: String) -> SystemFault {
        SystemFault(doing: doing, code: errno)
    }

    package var description: String {
        "could not \(doing): \(unsafe String(cString: strerror(code))) (error \(code))"
    }
}
