package import Basics
internal import Glibc
internal import IO

/// What the kernel says of this process, under the names that Prometheus' own clients use, and again
/// under those of the Calls plugin for dashboards made for that.
package struct ProcessFigures: Sendable {
    package static let pluginPrefix = "mattermost_plugin_calls_"

    package static func register(in registry: MetricRegistry) {
        let start = startTime()
        for prefix in ["", pluginPrefix] {
            registry.counter(
                "\(prefix)process_cpu_seconds_total",
                help: "CPU time this process has used, in seconds.",
                reading: cpuSeconds
            )
            registry.gauge(
                "\(prefix)process_open_fds",
                help: "File descriptors that are open.",
                reading: openDescriptors
            )
            registry.gauge(
                "\(prefix)process_max_fds",
                help: "File descriptors that may be open.",
                reading: { limit(of: RLIMIT_NOFILE.rawValue) }
            )
            registry.gauge(
                "\(prefix)process_resident_memory_bytes",
                help: "Memory that is in RAM.",
                reading: { pages(at: 1) }
            )
            registry.gauge(
                "\(prefix)process_virtual_memory_bytes",
                help: "Address space that is in use.",
                reading: { pages(at: 0) }
            )
            registry.gauge(
                "\(prefix)process_virtual_memory_max_bytes",
                help: "Address space that may be used; -1 if there is no limit.",
                reading: { limit(of: RLIMIT_AS.rawValue) }
            )
            registry.gauge(
                "\(prefix)process_start_time_seconds",
                help: "When this process was started, in seconds since 1970.",
                reading: { start }
            )
        }
    }

    private static func cpuSeconds() -> Double {
        var usage = rusage()
        guard unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return 0 }
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        let microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec
        return Double(seconds) + Double(microseconds) / 1_000_000
    }

    private static func openDescriptors() -> Double {
        guard let folder = unsafe opendir("/proc/self/fd") else { return 0 }
        defer { unsafe closedir(folder) }
        var count = -3.0  // itself, and the two dots
        while unsafe readdir(folder) != nil { count += 1 }
        return count
    }

    private static func limit(of resource: UInt32) -> Double {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(resource), &limit) == 0 else { return 0 }
        return limit.rlim_cur == rlim_t.max ? -1 : Double(limit.rlim_cur)
    }

    /// A field of /proc/self/statm, in bytes.
    private static func pages(at index: Int) -> Double {
        let fields = words(of: "/proc/self/statm")
        guard index < fields.count, let count = Double(fields[index]) else { return 0 }
        return count * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func startTime() -> Double {
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        // The second field is the program's name in parentheses, and may hold anything.
        let stat = (try? FileContent.read("/proc/self/stat")).map {
            String(decoding: $0, as: UTF8.self)
        }
        let fields = stat?.split(separator: ")").last?.split(separator: " ") ?? []
        let boot = words(of: "/proc/stat", line: "btime").last.flatMap { Double($0) } ?? 0
        guard fields.count > 19, let start = Double(fields[19]), ticks > 0 else { return boot }
        return boot + start / ticks
    }

    /// The words of a file's first line, or of the line that begins with this word.
    private static func words(of path: String, line name: String? = nil) -> [Substring] {
        // A file that the kernel does not show gives no figure, which is what there is to say.
        guard let bytes = try? FileContent.read(path) else { return [] }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let line = lines.first { name == nil || $0.hasPrefix("\(name ?? "") ") }
        return line?.split(separator: " ") ?? []
    }
}
