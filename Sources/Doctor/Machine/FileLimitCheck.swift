internal import Glibc

/// Whether the process may open as many sockets as callers will bring.
package struct FileLimitCheck: Check {
    private let soft: UInt
    private let hard: UInt
    private let wished: UInt = 65_536
    private let needed: UInt = 4_096

    /// The limits of this process, which are those of whoever started it.
    package init() {
        var limit = rlimit()
        unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        self.init(soft: limit.rlim_cur, hard: limit.rlim_max)
    }

    package init(soft: UInt, hard: UInt) {
        self.soft = soft
        self.hard = hard
    }

    package var name: String { "open files" }

    package func look() -> Outcome {
        let seen = "\(text(soft)) now, up to \(text(hard))"
        if hard >= wished { return .ok(seen) }
        let remedy = """
            under systemd, in the [Service] section: LimitNOFILE=1048576
            in a shell, as root before starting roost: ulimit -n 1048576
            """
        return hard >= needed
            ? .warn("\(seen); a busy node wants \(wished)", remedy: remedy)
            : .fail("\(seen); every caller takes one or two", remedy: remedy)
    }

    private func text(_ limit: UInt) -> String {
        limit > UInt(Int32.max) ? "any number" : "\(limit)"
    }
}
