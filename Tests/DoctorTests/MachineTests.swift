import Basics
import Doctor
import Testing

@Suite struct `The doctor looks at the machine` {
    @Test(arguments: [
        (16 << 20, 16 << 20, "ok"), (16 << 20, 16 << 20 - 1, "warn"), (4 << 20, 64 << 20, "warn"),
        (64 << 20, 4 << 20 - 1, "fail"), (212_992, 212_992, "fail"),
    ])
    func `and measures its socket buffers`(receive: Int, send: Int, verdict: String) throws {
        let outcome = try look(
            ["net/core/rmem_max": "\(receive)\n", "net/core/wmem_max": "\(send)\n"]
        ) { SocketBufferCheck(files: $0) }
        #expect(outcome.verdict == verdict)
        let lines = outcome.remedy?.split(separator: "\n") ?? []
        #expect(verdict == "ok" || lines.last == "sudo sysctl -p /etc/sysctl.d/60-roost.conf")
    }

    @Test(arguments: [(65_536, "ok"), (65_535, "warn"), (4_096, "warn"), (4_095, "fail")])
    func `and counts the files it may open`(hard: UInt, verdict: String) {
        let outcome = FileLimitCheck(soft: 1_024, hard: hard).look()
        #expect(outcome.verdict == verdict)
        #expect(verdict == "ok" || outcome.remedy?.contains("LimitNOFILE=1048576") == true)
    }

    @Test(arguments: [(1_024, "ok"), (1_023, "warn")])
    func `and measures its listen queue`(length: Int, verdict: String) throws {
        let outcome = try look(["net/core/somaxconn": "\(length)"]) { ListenQueueCheck(files: $0) }
        #expect(outcome.verdict == verdict)
    }

    @Test(arguments: [
        (10, 262_144, "ok"), (210_000, 262_144, "warn"), (10, 65_535, "warn"),
        (250_000, 262_144, "fail"),
    ])
    func `and at its firewall's table`(now: Int, most: Int, verdict: String) throws {
        let folder = "net/netfilter/nf_conntrack_"
        let outcome = try look(["\(folder)max": "\(most)", "\(folder)count": "\(now)"]) {
            ConntrackCheck(files: $0)
        }
        #expect(outcome.verdict == verdict)
    }

    @Test func `and finds no table where there is none`() throws {
        #expect(try look([:]) { ConntrackCheck(files: $0) } == .ok("none"))
    }

    @Test(arguments: [
        ("32768\t60999", "\n", "ok"), ("8000\t60999", "\n", "warn"),
        ("8000 60999", "8065,8440-8450\n", "ok"), ("8000 60999", "8065,8440-8442\n", "warn"),
    ])
    func `and whether the kernel lends our ports`(
        range: String,
        reserved: String,
        verdict: String
    ) throws {
        let outcome = try look([
            "net/ipv4/ip_local_port_range": range, "net/ipv4/ip_local_reserved_ports": reserved,
        ]) { EphemeralPortsCheck(ports: [8_065, 8_443], files: $0) }
        #expect(outcome.verdict == verdict, "\(outcome)")
    }

    @Test func `and skips what the kernel does not show`() throws {
        #expect(try look([:]) { SocketBufferCheck(files: $0) }.verdict == "skipped")
        #expect(try look([:]) { ListenQueueCheck(files: $0) }.verdict == "skipped")
        #expect(try look([:]) { EphemeralPortsCheck(ports: [1], files: $0) }.verdict == "skipped")
    }

    @Test(
        arguments: [
            (1_790_000_000, 0, true, "ok"), (1_790_000_000, 0, nil, "ok"),
            (1_790_000_000, 0, false, "warn"), (1_790_000_000, -5, true, "warn"),
            (86_400, 0, true, "fail"),
        ] as [(Int64, Int, Bool?, String)]
    )
    func `and at its clock`(wall: Int64, drift: Int, isSynchronised: Bool?, verdict: String) {
        let check = ClockCheck {
            ClockCheck.Reading(
                wall: wall,
                drift: .milliseconds(drift),
                isSynchronised: isSynchronised
            )
        }
        #expect(check.look().verdict == verdict)
    }

    @Test func `and reads real clocks that run alike`() {
        let reading = ClockCheck.readClocks()
        #expect(reading.wall > 1_760_000_000)
        #expect(reading.drift < .milliseconds(50))
    }

    @Test func `and whether its store has room`() throws {
        let folder = try Folder()
        let path = folder.path("data/deep/roost.db")
        func outcome(free: UInt64?) -> Outcome {
            StoreFolderCheck(path: path) { _ in free }.look()
        }
        #expect(outcome(free: 1 << 30).verdict == "ok")
        #expect(outcome(free: 1 << 30 - 1).verdict == "warn")
        #expect(outcome(free: 64 << 20 - 1).verdict == "fail")
        #expect(outcome(free: nil).verdict == "skipped")
        #expect(StoreFolderCheck(path: "/proc/roost/roost.db").look().verdict == "fail")
        #expect(StoreFolderCheck.freeBytes(folder.path("")) ?? 0 > 0)
    }

    @Test func `and finds its own addresses`() {
        let local = LocalAddresses.found()
        #expect(local.all.contains(.loopback))
        #expect(LocalAddressCheck(local).look().remedy == nil || local.outward.isEmpty)
        #expect(LocalAddressCheck(LocalAddresses([.loopback])).look().verdict == "warn")
    }

    private func look(
        _ files: [String: String],
        _ check: (MachineFiles) -> some Check
    ) throws -> Outcome {
        let folder = try Folder()
        for (name, text) in files { try folder.write("proc/sys/\(name)", text) }
        return check(MachineFiles(root: folder.path(""))).look()
    }
}

@Suite struct `The doctor judges the advertised address` {
    private let local = LocalAddresses(
        ["127.0.0.1", "10.0.0.5", "203.0.113.7"].compactMap { try? IPAddress($0) }
    )

    @Test(arguments: [
        ("203.0.113.7", "ok"), ("198.51.100.1", "ok"), ("10.0.0.5", "warn"), ("10.9.9.9", "warn"),
        ("127.0.0.1", "warn"), ("0.0.0.0", "fail"), ("::", "fail"), ("localhost", "warn"),
        ("no-such-host.invalid", "fail"), ("198.51.100.1/10.0.0.5", "ok"),
        ("198.51.100.1/10.0.0.6", "fail"), ("198.51.100.1/10.0.0.5, 0.0.0.0/10.0.0.5", "fail"),
    ])
    func `that was set`(advertised: String, verdict: String) {
        #expect(look(advertised, local).verdict == verdict)
    }

    @Test func `that was not`() throws {
        #expect(look("", local).verdict == "ok")
        let inside = LocalAddresses([try IPAddress("10.0.0.5")])
        #expect(look("", inside).verdict == "warn")
        #expect(look("", inside, learnsBySTUN: true).verdict == "ok")
    }

    @Test func `and names a machine's own in the remedy`() {
        #expect(look("0.0.0.0", local).remedy?.hasSuffix("its own is 10.0.0.5") == true)
    }

    private func look(
        _ advertised: String,
        _ local: LocalAddresses,
        learnsBySTUN: Bool = false
    ) -> Outcome {
        AdvertisedAddressCheck(
            advertised,
            local: local,
            mediaPort: 8_443,
            learnsBySTUN: learnsBySTUN
        ).look()
    }
}
