internal import CLinux
internal import Glibc

/// A system call that said no: what was being done, the number, and the kernel's words for it.
package struct SystemFault: Error, Hashable, Sendable, CustomStringConvertible {
    package var doing: String
    package var code: Int32
    /// What the operator can do about it, where that is known.
    package var remedy: String?

    package init(doing: String, code: Int32, remedy: String? = nil) {
        self.doing = doing
        self.code = code
        self.remedy = remedy
    }

    /// The fault of the call that has just failed.
    package static func last(_ doing: String) -> SystemFault {
        SystemFault(doing: doing, code: errno)
    }

    package var description: String {
        let fault = "could not \(doing): \(unsafe String(cString: strerror(code))) (error \(code))"
        return remedy.map { "\(fault); \($0)" } ?? fault
    }
}
