/// Whether connections that come all at once, as after a restart, may wait to be accepted.
package struct ListenQueueCheck: Check {
    private let files: MachineFiles
    private let wished = 1_024

    package init(files: MachineFiles) {
        self.files = files
    }

    package var name: String { "listen queue" }

    package func look() -> Outcome {
        guard let length = files.number("/proc/sys/net/core/somaxconn") else {
            return .skipped("net.core.somaxconn can't be read here")
        }
        guard length < wished else { return .ok("somaxconn \(length)") }
        return .warn(
            "somaxconn \(length); reconnecting clients beyond that wait a second and more",
            remedy: "sudo sysctl -w net.core.somaxconn=4096"
        )
    }
}
