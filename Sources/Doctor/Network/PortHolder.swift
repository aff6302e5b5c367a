/// The process that has a port, found as `ss -lpn` finds it: the kernel lists sockets by inode, and
/// every process lists the inodes it has open. Processes of other users show theirs to root only.
struct PortHolder: Hashable, Sendable {
    var process: Int
    var command: String

    static func find(_ port: UInt16, isStream: Bool, in files: MachineFiles) -> PortHolder? {
        let tables = isStream ? ["tcp", "tcp6"] : ["udp", "udp6"]
        let links = Set(
            tables.flatMap { table in
                Self.inodes(of: port, isStream: isStream, "/proc/net/\(table)", files)
                    .map { "socket:[\($0)]" }
            }
        )
        guard !links.isEmpty else { return nil }
        for name in files.names(in: "/proc") {
            guard let process = Int(name) else { continue }
            let folder = "/proc/\(name)/fd"
            let isHolder = files.names(in: folder).contains { descriptor in
                files.link("\(folder)/\(descriptor)").map { links.contains($0) } ?? false
            }
            guard isHolder else { continue }
            let command = files.text("/proc/\(name)/comm")?.split(separator: "\n").first
            return PortHolder(process: process, command: command.map(String.init) ?? "unknown")
        }
        return nil
    }

    /// Lines are `sl local_address rem_address st … inode`, addresses `0100007F:1F90`.
    private static func inodes(
        of port: UInt16,
        isStream: Bool,
        _ path: String,
        _ files: MachineFiles
    ) -> [Substring] {
        let listening = "0A"
        return (files.text(path) ?? "").split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 9, !isStream || fields[3] == listening,
                let text = fields[1].split(separator: ":").last, UInt16(text, radix: 16) == port
            else { return nil }
            return fields[9]
        }
    }
}
