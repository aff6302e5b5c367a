internal import Basics
internal import Glibc
internal import IO

/// `roost doctor`, from its arguments to its exit code.
package enum DoctorCommand {
    /// What there is to examine, or the sentence that says why the settings can't be read.
    package enum Chart: Sendable {
        case settings(Patient, from: String)
        case unreadable(String)
    }

    /// Where words go, and whether somebody reads them there.
    package struct Voice {
        package var say: (String) -> Void
        package var complain: (String) -> Void
        package var isTerminal: Bool

        package init(
            say: @escaping (String) -> Void,
            complain: @escaping (String) -> Void,
            isTerminal: Bool
        ) {
            self.say = say
            self.complain = complain
            self.isTerminal = isTerminal
        }

        /// Standard output and standard error.
        package static var ofProcess: Voice {
            Voice(
                say: { write($0, to: STDOUT_FILENO) },
                complain: { write($0, to: STDERR_FILENO) },
                isTerminal: isatty(STDOUT_FILENO) == 1
            )
        }

        private static func write(_ text: String, to descriptor: Int32) {
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let count = unsafe rest.withUnsafeBytes {
                    unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
                }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    /// Returns the exit code: 0 if nothing failed, 1 if something did, 2 for no such command.
    package static func run(
        arguments: [String],
        chart: Chart,
        voice: Voice = .ofProcess,
        files: MachineFiles = MachineFiles()
    ) -> Int32 {
        let request: DoctorArguments
        do throws(DoctorArguments.Fault) {
            request = try DoctorArguments(arguments)
        } catch {
            voice.complain("roost doctor: \(error); see roost doctor --help\n")
            return 2
        }
        Resolver.beImpatient()
        switch request.task {
        case .help:
            voice.say(DoctorArguments.help)
            return 0
        case .examine:
            return examine(chart, request, voice, files)
        case .probe(let host, let mediaPort, let httpPort):
            return probe(host, mediaPort, httpPort, chart.patient, request, voice)
        case .answer(let seconds):
            return answer(for: seconds, chart.patient, voice)
        }
    }

    private static func examine(
        _ chart: Chart,
        _ request: DoctorArguments,
        _ voice: Voice,
        _ files: MachineFiles
    ) -> Int32 {
        let checks = chart.patient.checks(
            files: files,
            local: .found(),
            now: Int64(time(nil))
        )
        return report([SettingsCheck(chart: chart)] + checks, request, voice)
    }

    private static func probe(
        _ host: String,
        _ mediaPort: UInt16?,
        _ httpPort: UInt16?,
        _ patient: Patient,
        _ request: DoctorArguments,
        _ voice: Voice
    ) -> Int32 {
        let ip: IPAddress
        do throws(Resolver.Fault) {
            let all = try Resolver.addresses(of: host)
            guard let first = all.first(where: { $0.family == .v4 }) ?? all.first else {
                throw Resolver.Fault(name: host, why: "it has no address")
            }
            ip = first
        } catch {
            voice.complain("roost doctor: \(error)\n")
            return 1
        }
        func door(_ port: UInt16?, _ listeners: [SocketAddress], usual: UInt16) -> SocketAddress {
            SocketAddress(ip: ip, port: port ?? listeners.first?.port ?? usual)
        }
        let checks: [any Check] = [
            ReachCheck(.http, door(httpPort, patient.http, usual: 8_065)),
            ReachCheck(.mediaTCP, door(mediaPort, patient.mediaTCP, usual: 8_443)),
            ReachCheck(.mediaUDP, door(mediaPort, patient.mediaUDP, usual: 8_443)),
        ]
        return report(checks, request, voice)
    }

    private static func answer(for seconds: Int, _ patient: Patient, _ voice: Voice) -> Int32 {
        do throws(SystemFault) {
            let anywhere = SocketAddress(ip: .any, port: 8_443)
            var answerer = try Answerer(
                udp: patient.mediaUDP.first ?? anywhere,
                tcp: patient.mediaTCP.first ?? anywhere
            )
            let (udp, tcp) = (answerer.udpAddress.port, answerer.tcpAddress.port)
            voice.say(
                """
                Answering on udp \(udp) and tcp \(tcp) for \(seconds) seconds.
                On the other machine: roost doctor --probe THIS-MACHINE:\(udp)

                """
            )
            answerer.run(for: .seconds(seconds)) { voice.say("asked over \($0)\n") }
            return 0
        } catch {
            let remedy =
                error.code == EADDRINUSE
                ? "stop roost first (sudo systemctl stop roost): its ports are what is probed"
                : "set media.udp_address and media.tcp_address to what this machine has"
            voice.complain("roost doctor: \(error); \(remedy)\n")
            return 1
        }
    }

    /// On a terminal each line as soon as it is known; otherwise the whole in one piece.
    private static func report(
        _ checks: [any Check],
        _ request: DoctorArguments,
        _ voice: Voice
    ) -> Int32 {
        var report = Report()
        let width = checks.map(\.name.count).max() ?? 0
        for check in checks {
            report.append(check.name, check.look())
            guard !request.isJSON, let line = report.lines.last else { continue }
            voice.say(Report.table(line, width: width, inColour: voice.isTerminal))
        }
        voice.say(request.isJSON ? report.json : "\n\(report.counts)\n")
        return report.hasFailure ? 1 : 0
    }
}

extension DoctorCommand.Chart {
    /// With settings that can't be read, the rest of the machine is still worth a look.
    fileprivate var patient: Patient {
        switch self {
        case .settings(let patient, _): patient
        case .unreadable: Patient()
        }
    }
}

/// Whether the settings can be read at all.
private struct SettingsCheck: Check {
    let chart: DoctorCommand.Chart

    var name: String { "settings" }

    func look() -> Outcome {
        switch chart {
        case .settings(_, let source): .ok("valid, from \(source)")
        case .unreadable(let faults):
            .fail(faults, remedy: "correct these, then: roost config check")
        }
    }
}
