/// Whether the kernel lets a socket keep as much as a burst of video brings.
///
/// A media socket serves many callers: what arrives while a thread is busy for 30 ms has to wait in
/// the kernel or is lost, and lost for everybody. 16 MiB is what the original asks for too.
package struct SocketBufferCheck: Check {
    private let files: MachineFiles
    private let wished = 16 << 20
    private let needed = 4 << 20

    package init(files: MachineFiles) {
        self.files = files
    }

    package var name: String { "socket buffers" }

    package func look() -> Outcome {
        guard let receive = files.number("/proc/sys/net/core/rmem_max"),
            let send = files.number("/proc/sys/net/core/wmem_max")
        else { return .skipped("net.core.rmem_max can't be read here") }
        let seen = "rmem_max \(size(receive)), wmem_max \(size(send))"
        let least = min(receive, send)
        if least >= wished { return .ok(seen) }
        let remedy = """
            printf 'net.core.rmem_max=\(wished)\\nnet.core.wmem_max=\(wished)\\n' \
            | sudo tee /etc/sysctl.d/60-roost.conf
            sudo sysctl -p /etc/sysctl.d/60-roost.conf
            """
        return least >= needed
            ? .warn("\(seen); large calls want \(size(wished))", remedy: remedy)
            : .fail("\(seen); calls lose packets below \(size(needed))", remedy: remedy)
    }

    private func size(_ bytes: Int) -> String {
        bytes >= 1 << 20 ? "\(bytes >> 20) MiB" : "\(bytes >> 10) KiB"
    }
}
