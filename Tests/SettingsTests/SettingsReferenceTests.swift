import Foundation
import Settings
import Testing

@Suite struct `The reference of settings` {
    /// With WRITE_REFERENCE=1 in the environment, the file is written anew instead.
    @Test func `is what stands in cluster/config/roost.toml`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../cluster/config/roost.toml").standardizedFileURL
        if ProcessInfo.processInfo.environment["WRITE_REFERENCE"] == "1" {
            try Settings.reference.write(to: file, atomically: true, encoding: .utf8)
        }
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text == Settings.reference, "run this test once with WRITE_REFERENCE=1")
    }

    @Test func `has every key with its default and reason`() {
        let flowing = Settings.reference.split(separator: "\n").map { line in
            line.hasPrefix("# ") ? String(line.dropFirst(2)) : String(line)
        }
        .joined(separator: " ")
        for key in Settings.keys {
            let name = key.path.split(separator: ".")[1]
            #expect(flowing.contains("#\(name) = \(key.standardText)"), "\(key.path)")
            #expect(flowing.contains(key.reason), "\(key.path)")
        }
    }

    @Test func `is the defaults, whether its lines are taken in or left out`() throws {
        let asIs = try read(Settings.reference)
        #expect(Settings().changes(to: asIs) == [])
        #expect(Settings.keys.allSatisfy { asIs.origin(of: $0) == .builtIn })
        let lines = Settings.reference.split(separator: "\n", omittingEmptySubsequences: false)
        let takenIn = lines.map { $0.hasPrefix("#") && !$0.hasPrefix("# ") ? $0.dropFirst() : $0 }
        let settings = try read(takenIn.joined(separator: "\n"))
        #expect(Settings().changes(to: settings) == [])
        #expect(Settings.keys.allSatisfy { settings.origin(of: $0) != .builtIn })
    }

    @Test func `fits into a terminal`() {
        for line in Settings.reference.split(separator: "\n") { #expect(line.count <= 100) }
    }

    @Test func `has names that differ, in the file and in the environment`() {
        let paths = Settings.keys.map(\.path)
        #expect(Set(paths).count == paths.count)
        let names = Settings.keys.flatMap { [$0.environmentName, $0.pluginEnvironmentName ?? ""] }
            .filter { !$0.isEmpty }
        #expect(Set(names).count == names.count)
        for path in paths { #expect(path.wholeMatch(of: /[a-z]+\.[a-z0-9_]+/) != nil) }
    }

    @Test func `can be given wholly by the environment`() throws {
        var environment: [String: String] = [:]
        for key in Settings.keys {
            let text = key.standardText
            let isQuoted = text.hasPrefix("\"")
            environment[key.environmentName] = isQuoted ? String(text.dropFirst().dropLast()) : text
        }
        let settings = try Settings(file: nil, environment: environment)
        #expect(Settings().changes(to: settings) == [])
        for key in Settings.keys {
            #expect(settings.origin(of: key) == .environment(name: key.environmentName))
        }
    }

    /// The plugin makes its variables' names with two regular expressions; so does this test.
    @Test func `knows the Calls plugin's settings by the names the plugin makes`() {
        let plugin = [
            "UDPServerAddress", "UDPServerPort", "TCPServerAddress", "TCPServerPort",
            "ICEHostOverride", "ICEHostPortOverride", "ICEServersConfigs", "TURNStaticAuthSecret",
            "TURNCredentialsExpirationMinutes", "EnableIPv6", "DefaultEnabled",
            "MaxCallParticipants", "AllowScreenSharing", "EnableVideo", "EnableRinging",
            "EnableSimulcast", "EnableAV1", "EnableDCSignaling", "JobServiceURL",
            "EnableRecordings", "MaxRecordingDuration", "RecordingQuality",
            "EnableTranscriptions", "TranscribeAPI", "TranscriberModelSize",
            "TranscriberNumThreads", "TranscribeAPIAzureSpeechKey",
            "TranscribeAPIAzureSpeechRegion", "EnableLiveCaptions", "LiveCaptionsModelSize",
            "LiveCaptionsNumTranscribers", "LiveCaptionsNumThreadsPerTranscriber",
            "LiveCaptionsLanguage", "GroupCallsAllowed",
        ]
        let names = plugin.map { name in
            name.replacing(/([a-z0-9])([A-Z])/) { "\($0.output.1)_\($0.output.2)" }
                .replacing(/([A-Z]+)([A-Z][a-z])/) { "\($0.output.1)_\($0.output.2)" }
                .uppercased()
        }
        #expect(Set(Settings.keys.compactMap(\.pluginName)) == Set(names))
    }
}
