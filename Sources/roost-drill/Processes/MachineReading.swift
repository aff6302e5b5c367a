internal import Glibc
internal import IO

/// What the kernel says of the whole machine.
enum MachineReading {
    /// Processor time that anybody has had since it was started, in seconds.
    static func busySeconds() throws -> Double {
        let text = String(decoding: try FileContent.read("/proc/stat"), as: UTF8.self)
        let fields = text.prefix { $0 != "\n" }.split(separator: " ").dropFirst()
            .compactMap { Double($0) }
        guard fields.count >= 7 else {
            throw DrillFault("/proc/stat is not as expected; is that Linux?")
        }
        // user, nice, system, idle, iowait, irq, softirq
        let busy = fields[0] + fields[1] + fields[2] + fields[5] + fields[6]
        return busy / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// How many wanted a processor during the last minute.
    static var load: Double {
        var average = 0.0
        return unsafe getloadavg(&average, 1) == 1 ? average : 0
    }
}
