/// Whether the kernel may lend one of our ports to some outgoing connection, so that Roost can't
/// have it back after a restart, once in a while.
package struct EphemeralPortsCheck: Check {
    private let files: MachineFiles
    private let ports: [UInt16]

    package init(ports: [UInt16], files: MachineFiles) {
        self.ports = ports
        self.files = files
    }

    package var name: String { "lent ports" }

    package func look() -> Outcome {
        guard let range = files.numbers("/proc/sys/net/ipv4/ip_local_port_range"),
            range.count == 2, range[0] <= range[1]
        else { return .skipped("net.ipv4.ip_local_port_range can't be read here") }
        let lent = range[0]...range[1]
        let reserved = files.text("/proc/sys/net/ipv4/ip_local_reserved_ports").map(Self.ranges)
        let seen = "the kernel lends \(lent.lowerBound) to \(lent.upperBound)"
        let risky = ports.map { Int($0) }.filter { port in
            lent.contains(port) && !(reserved ?? []).contains { $0.contains(port) }
        }
        guard !risky.isEmpty else { return .ok("\(seen), none of ours") }
        let list = Set(risky).sorted().map { String($0) }.joined(separator: ",")
        return .warn(
            "\(seen), and so ours: \(list)",
            remedy: "sudo sysctl -w net.ipv4.ip_local_reserved_ports=\(list)"
        )
    }

    /// `8080,9000-9010`
    private static func ranges(_ text: String) -> [ClosedRange<Int>] {
        text.split { $0 == "," || $0 == "\n" }.compactMap { part in
            let ends = part.split(separator: "-").compactMap { Int($0) }
            guard let low = ends.first, let high = ends.last, low <= high else { return nil }
            return low...high
        }
    }
}
