internal import Glibc
internal import IO

/// What the kernel says of a process.
enum ProcessReading {
    /// Processor time of all its threads, user's and kernel's, in seconds. Counted in ticks of 10 ms.
    static func cpuSeconds(of pid: pid_t) throws -> Double {
        let fields = try stat(of: pid)
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12])
        else { throw DrillFault("/proc/\(pid)/stat is not as expected; is that Linux?") }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Processor time of those of its threads whose name begins with one of these, to the nanosecond.
    /// They should be such as stay until the end: what others have used goes with them.
    static func cpuSeconds(of pid: pid_t, threads prefixes: [String]) throws -> Double {
        var sum = 0.0
        for thread in try entries(of: "/proc/\(pid)/task") {
            let folder = "/proc/\(pid)/task/\(thread)"
            // One that has ended since it was listed is none of these.
            guard let name = try? text("\(folder)/comm"),
                prefixes.contains(where: { name.hasPrefix($0) })
            else { continue }
            let times = try text("\(folder)/schedstat").split(separator: " ")
            guard let nanoseconds = times.first.flatMap({ Double($0) }) else {
                throw DrillFault("\(folder)/schedstat is not as expected; is that Linux?")
            }
            sum += nanoseconds / 1e9
        }
        return sum
    }

    /// Whether it was stopped by a signal. Waits a moment for that.
    static func isStopped(_ pid: pid_t) -> Bool {
        for _ in 0..<200 {
            if (try? stat(of: pid))?.first == "T" { return true }
            usleep(1_000)
        }
        return false
    }

    private static func text(_ path: String) throws -> String {
        String(decoding: try FileContent.read(path), as: UTF8.self)
    }

    private static func entries(of path: String) throws -> [Int] {
        guard let folder = unsafe opendir(path) else { throw SystemFault.last("list \(path)") }
        defer { unsafe closedir(folder) }
        var numbers: [Int] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) {
                    unsafe String(cString: $0)
                }
            }
            if let number = Int(name) { numbers.append(number) }
        }
        return numbers
    }

    /// Memory that is in RAM, in bytes.
    static func residentBytes(of pid: pid_t) throws -> Double {
        let status = String(
            decoding: try FileContent.read("/proc/\(pid)/status"),
            as: UTF8.self
        )
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        guard let line,
            let kibibytes = line.split(separator: " ").dropLast().last.flatMap({
                Double($0.drop { !$0.isNumber })
            })
        else { throw DrillFault("process \(pid) has ended; its log says why") }
        return kibibytes * 1_024
    }

    static func children(of parent: pid_t) throws -> [pid_t] {
        let path = "/proc/\(parent)/task/\(parent)/children"
        return String(decoding: try FileContent.read(path), as: UTF8.self)
            .split { $0 == " " || $0 == "\n" }.compactMap { pid_t($0) }
    }

    /// The fields behind the name, which stands in parentheses and may hold anything.
    private static func stat(of pid: pid_t) throws -> [Substring] {
        let text = String(decoding: try FileContent.read("/proc/\(pid)/stat"), as: UTF8.self)
        return text.split(separator: ")").last?.split(separator: " ") ?? []
    }
}
