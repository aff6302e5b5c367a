/// Whether the firewall's table of connections, where there is one, has room for callers.
///
/// A full table drops packets of new callers without a word to anybody but the kernel's log.
package struct ConntrackCheck: Check {
    private let files: MachineFiles
    private let wished = 65_536

    package init(files: MachineFiles) {
        self.files = files
    }

    package var name: String { "connection tracking" }

    package func look() -> Outcome {
        guard let most = files.number("/proc/sys/net/netfilter/nf_conntrack_max"),
            let now = files.number("/proc/sys/net/netfilter/nf_conntrack_count")
        else { return .ok("none") }
        let seen = "\(now) of \(most) entries in use"
        let remedy = "sudo sysctl -w net.netfilter.nf_conntrack_max=\(max(4 * wished, 2 * most))"
        if now >= most - most / 20 {
            return .fail("\(seen): new callers are dropped", remedy: remedy)
        }
        if now > most / 5 * 4 || most < wished { return .warn(seen, remedy: remedy) }
        return .ok(seen)
    }
}
