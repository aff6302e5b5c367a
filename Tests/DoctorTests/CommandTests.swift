import Basics
import Doctor
import Foundation
import IO
import Media
import Settings
import Testing

@Suite struct `The doctor's command` {
    @Test(arguments: [
        [], ["--json"], ["--help"], ["--probe", "h"], ["--probe=h:1"],
        ["--answer", "--seconds", "5"],
        ["--probe", "[::1]:8443", "--http-port=80"],
    ])
    func `is understood`(arguments: [String]) {
        #expect(throws: Never.self) { try DoctorArguments(arguments) }
    }

    @Test(arguments: [
        ["--jsn"], ["--probe"], ["--probe", ""], ["--probe", "h", "--answer"], ["--seconds", "5"],
        ["--answer", "--seconds", "0"], ["--answer", "--seconds", "86401"], ["--http-port", "80"],
        ["--probe", "h", "--http-port", "0"], ["--probe", "h:65536"], ["--json=yes"], ["again"],
    ])
    func `is refused with a sentence and the exit code 2`(arguments: [String]) {
        let run = run(arguments, .settings(Patient(), from: "defaults"))
        #expect(run.code == 2)
        #expect(run.complaint.hasSuffix("see roost doctor --help\n"))
        #expect(run.text.isEmpty)
    }

    @Test func `takes its ports from the settings`() throws {
        let settings = try Settings(
            file: SettingsFile(
                name: "roost.toml",
                bytes: Array(
                    """
                    [http]
                    listen = ["127.0.0.1:8065", "[::1]:8065"]
                    public_url = "https://calls.example.com:8443"
                    [media]
                    udp_port = 4000
                    host_override = "203.0.113.7"
                    turn_secret = "s3cret"
                    ice_servers = [{ urls = ["stun:a:1", "turn:b:2"] }]
                    """.utf8
                )
            ),
            environment: [:]
        )
        let patient = Patient(settings)
        #expect(patient.http.count == 2)
        #expect(patient.mediaUDP.map(\.port) == [4_000])
        #expect(patient.mediaTCP.map(\.port) == [8_443])
        #expect(patient.advertised == "203.0.113.7")
        #expect(patient.publicHost == "calls.example.com")
        #expect(patient.iceServers.map(\.url) == ["stun:a:1", "turn:b:2"])
        #expect(patient.redis == nil && patient.tls == nil)
    }

    @Test func `examines this machine, and fails for a port that is taken`() throws {
        let well = run(
            [],
            .settings(try patient(), from: "roost.toml"),
            machine: try soundMachine()
        )
        #expect(well.code == 0, "\(well.text)")
        #expect(well.text.hasPrefix("ok       settings "))
        #expect(!well.text.contains("\u{1B}"), "colour is for terminals")

        var sick = try patient()
        let (descriptor, address) = try Socket.listen(on: loopback(0))
        defer { close(descriptor) }
        sick.metrics = [address]
        let ill = run([], .settings(sick, from: "roost.toml"), machine: try soundMachine())
        #expect(ill.code == 1)
        #expect(ill.text.contains("→ sudo ss -ltpn 'sport = :\(address.port)'"))
        #expect(ill.text.contains("1 fail"))
    }

    @Test func `looks at the machine though its settings can't be read`() throws {
        let run = run(["--json"], .unreadable("roost.toml line 3: http.listen must be …"))
        #expect(run.code == 1)
        let json = try JSONSerialization.jsonObject(with: Data(run.text.utf8)) as? [String: Any]
        #expect(json?["healthy"] as? Bool == false)
        let checks = try #require(json?["checks"] as? [[String: Any]])
        #expect(checks.first?["verdict"] as? String == "fail")
        #expect(checks.first?["remedy"] as? String == "correct these, then: roost config check")
        #expect(checks.contains { $0["name"] as? String == "clock" })
    }

    @Test func `colours its verdicts for a terminal`() throws {
        let run = run([], .unreadable("no"), isTerminal: true)
        #expect(run.text.hasPrefix("\u{1B}[31mfail   \u{1B}[0m  settings"))
    }

    @Test func `probes the ports that another machine's doctor answers on`() throws {
        let web = try LineServer("HTTP/1.1 200 OK")
        var answering = try patient()
        let port = try freePort()
        answering.mediaUDP = [loopback(port)]
        answering.mediaTCP = [loopback(port)]
        let heard = Heard()
        let answerer = Thread { [answering] in
            let voice = DoctorCommand.Voice(
                say: { heard.append($0) },
                complain: { heard.append($0) },
                isTerminal: false
            )
            let chart = DoctorCommand.Chart.settings(answering, from: "defaults")
            let code = DoctorCommand.run(
                arguments: ["--answer", "--seconds", "2"],
                chart: chart,
                voice: voice
            )
            heard.append("ended \(code)")
        }
        answerer.start()
        while !accepts(port) { usleep(5_000) }
        let probe = run(
            ["--probe", "127.0.0.1:\(port)", "--http-port", "\(web.address.port)"],
            .settings(Patient(), from: "defaults")
        )
        #expect(probe.code == 0, "\(probe.text)")
        #expect(probe.text.contains("3 ok"))
        while !heard.text.contains("ended 0") { usleep(20_000) }
        #expect(heard.text.contains("asked over udp from 127.0.0.1\n"))
        #expect(heard.text.contains("asked over tcp from 127.0.0.1\n"))

        let again = run(["--probe", "127.0.0.1:\(port)"], .settings(answering, from: "defaults"))
        #expect(again.code == 1, "nobody answers any more")
    }

    @Test func `does not answer on ports that a roost has`() throws {
        var patient = try patient()
        let (descriptor, address) = try Socket.datagrams(on: loopback(0))
        defer { close(descriptor) }
        patient.mediaUDP = [address]
        let run = run(["--answer"], .settings(patient, from: "defaults"))
        #expect(run.code == 1)
        #expect(run.complaint.contains("stop roost first"))
    }

    /// Settings that ask for nothing that is taken, on any machine.
    private func patient() throws -> Patient {
        var patient = Patient()
        patient.http = [loopback(try freePort())]
        patient.store = "/tmp/roost.db"
        return patient
    }

    private func soundMachine() throws -> Folder {
        let folder = try Folder()
        try folder.write("proc/sys/net/core/rmem_max", "16777216")
        try folder.write("proc/sys/net/core/wmem_max", "16777216")
        try folder.write("proc/sys/net/core/somaxconn", "4096")
        return folder
    }

    private func run(
        _ arguments: [String],
        _ chart: DoctorCommand.Chart,
        machine: Folder? = nil,
        isTerminal: Bool = false
    ) -> (code: Int32, text: String, complaint: String) {
        var text = ""
        var complaint = ""
        let voice = DoctorCommand.Voice(
            say: { text += $0 },
            complain: { complaint += $0 },
            isTerminal: isTerminal
        )
        let files = machine.map { MachineFiles(root: $0.path("")) } ?? MachineFiles()
        let code = DoctorCommand.run(
            arguments: arguments,
            chart: chart,
            voice: voice,
            files: files
        )
        return (code, text, complaint)
    }
}

/// What another thread has said.
private final class Heard: @unchecked Sendable {
    private let lock = NSLock()
    private var heard = ""

    func append(_ text: String) { lock.withLock { heard += text } }

    var text: String { lock.withLock { heard } }
}

@Suite struct `The doctor's answer` {
    private let sender = SocketAddress(ip: .loopback, port: 5_000)

    @Test func `is never larger than the question`() {
        for padding in 0..<64 {
            let question = question { writer in
                writer.append(.software, String(repeating: "x", count: padding))
            }
            let answer = ProbeAnswer.answer(to: question, from: sender)
            #expect((answer?.count ?? 0) <= question.count)
            #expect((answer != nil) == (question.count >= 20 + 12 + 8), "padding \(padding)")
        }
    }

    @Test func `is only for well-formed requests of what it knows`() {
        let room = String(repeating: "x", count: 40)
        let strange = STUNAttributeType(rawValue: 0x7F00)
        let well = question { $0.append(.software, room) }
        #expect(ProbeAnswer.answer(to: well, from: sender) != nil)
        #expect(ProbeAnswer.answer(to: well.dropLast(), from: sender) == nil)
        #expect(ProbeAnswer.answer(to: question { $0.append(strange, room) }, from: sender) == nil)
        for kind in [STUNClass.indication, .success, .failure] {
            let other = question(kind) { $0.append(.software, room) }
            #expect(ProbeAnswer.answer(to: other, from: sender) == nil)
        }
        #expect(ProbeAnswer.answer(to: [], from: sender) == nil)
    }

    private func question(
        _ kind: STUNClass = .request,
        _ body: (_ writer: inout STUNWriter) -> Void
    ) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 256)
        let span = buffer.mutableSpan
        let transaction = STUNTransactionID(high: 1, low: 2)
        var writer = STUNWriter(kind, .binding, transaction, into: span)
        body(&writer)
        let count = writer.finish() ?? 0
        return Array(buffer.prefix(count))
    }
}

@Suite struct `A STUN server's URL` {
    @Test(arguments: [
        ("stun:example.com", "stun example.com 3478 false"),
        ("turn:example.com:80?transport=tcp", "turn example.com 80 true"),
        ("turns:[2001:db8::1]", "turns 2001:db8::1 5349 true"),
        ("turns:[2001:db8::1]:443?transport=udp", "turns 2001:db8::1 443 false"),
    ])
    func `is read`(text: String, expected: String) {
        let server = STUNServer(text)
        let read = server.map { "\($0.scheme.rawValue) \($0.host) \($0.port) \($0.isStream)" }
        #expect(read == expected)
    }

    @Test(arguments: [
        "", "stun", "stun:", "http:a", "turn:a?transport=sctp", "stun:a:x", "stun:[a",
    ])
    func `is refused`(text: String) {
        #expect(STUNServer(text) == nil)
    }
}
