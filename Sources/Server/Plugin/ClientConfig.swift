internal import Basics
internal import Settings
internal import Wire

/// What clients are told of the settings, under the plugin's names: some to everybody, the rest to
/// administrators, and no secret to anybody.
struct ClientConfig {
    let settings: Settings

    func write(to json: inout JSONWriter, forAdministrator isAdmin: Bool) {
        writePublic(to: &json)
        if isAdmin { writeRest(to: &json) }
    }

    private func writePublic(to json: inout JSONWriter) {
        let calls = settings.calls
        let servers = settings.media.iceServers.filter { !$0.needsCredential }
        json.key("ICEServers")
        json.beginArray()
        for server in servers where server.credential == nil {
            for url in server.urls { json.string(url) }
        }
        json.endArray()
        json.key("ICEServersConfigs")
        json.beginArray()
        for server in servers {
            json.beginObject()
            server.writeURLs(to: &json)
            if let username = server.username { json.member("username", username) }
            if let credential = server.credential {
                // Given out with the settings' blessing: it is what the operator has set for clients.
                json.member("credential", credential.revealedText)
            }
            json.endObject()
        }
        json.endArray()
        json.member("AllowEnableCalls", true)
        json.member("DefaultEnabled", calls.defaultEnabled)
        json.member("MaxCallParticipants", calls.maxParticipants)
        json.member("NeedsTURNCredentials", settings.makesTURNCredentials)
        json.member("AllowScreenSharing", calls.allowScreenSharing)
        json.member("EnableRecordings", calls.enableRecordings)
        json.member("EnableTranscriptions", calls.enableTranscriptions)
        json.member("EnableLiveCaptions", calls.enableLiveCaptions)
        json.member("MaxRecordingDuration", calls.maxRecordingMinutes)
        json.member("EnableSimulcast", calls.enableSimulcast)
        json.member("EnableRinging", calls.enableRinging)
        // Clients hide what a lesser licence lacks. There is no licence here, and nothing is lacking.
        json.member("sku_short_name", "enterprise")
        json.member("HostControlsAllowed", calls.hostControlsAllowed)
        json.member("EnableAV1", calls.enableAV1)
        json.member("GroupCallsAllowed", calls.groupCallsAllowed)
        json.member("EnableDCSignaling", calls.enableDCSignaling)
        json.member("EnableVideo", calls.enableVideo)
    }

    private func writeRest(to json: inout JSONWriter) {
        let media = settings.media
        let calls = settings.calls
        json.member("ICEHostOverride", media.hostOverride)
        if let port = Int(media.portOverride) {
            json.member("ICEHostPortOverride", port)
        } else {
            json.member("ICEHostPortOverride", media.portOverride)
        }
        let udp = media.udpAddress.map(\.description).joined(separator: ",")
        json.member("UDPServerAddress", udp)
        let tcp = media.tcpAddress.map(\.description).joined(separator: ",")
        json.member("TCPServerAddress", tcp)
        json.member("UDPServerPort", media.udpPort)
        json.member("TCPServerPort", media.tcpPort)
        // Media is forwarded by the node itself, which needs neither rtcd nor a TURN server of its own.
        json.member("RTCDServiceURL", "")
        json.member("ServerSideTURN", false)
        json.member("TURNStaticAuthSecret", Self.masked(media.turnSecret))
        json.member("TURNCredentialsExpirationMinutes", media.turnCredentialsMinutes)
        json.member("JobServiceURL", calls.jobServiceURL)
        json.member("RecordingQuality", calls.recordingQuality.rawValue)
        json.member("EnableIPv6", media.enableIPv6)
        json.member("TranscriberModelSize", calls.transcriberModel.rawValue)
        json.member("TranscribeAPI", calls.transcribeAPI.rawValue)
        json.member("TranscribeAPIAzureSpeechKey", Self.masked(calls.azureSpeechKey))
        json.member("TranscribeAPIAzureSpeechRegion", calls.azureSpeechRegion)
        json.member("TranscriberNumThreads", calls.transcriberThreads)
        json.member("LiveCaptionsModelSize", calls.liveCaptionsModel.rawValue)
        json.member("LiveCaptionsNumTranscribers", calls.liveCaptionsTranscribers)
        json.member("LiveCaptionsNumThreadsPerTranscriber", calls.liveCaptionsThreads)
        json.member("LiveCaptionsLanguage", calls.liveCaptionsLanguage)
    }

    private static func masked(_ secret: Secret) -> String { secret.isEmpty ? "" : Secret.mask }

    /// The plugin's name of each setting that its environment can give.
    static let fields: [(name: String, key: any AnyKey)] = {
        let (calls, media) = (CallsSettings.all, MediaSettings.all)
        return [
            ("DefaultEnabled", calls.defaultEnabled), ("UDPServerAddress", media.udpAddress),
            ("TCPServerAddress", media.tcpAddress), ("UDPServerPort", media.udpPort),
            ("TCPServerPort", media.tcpPort), ("ICEHostOverride", media.hostOverride),
            ("ICEHostPortOverride", media.portOverride), ("ICEServersConfigs", media.iceServers),
            ("TURNStaticAuthSecret", media.turnSecret),
            ("TURNCredentialsExpirationMinutes", media.turnCredentialsMinutes),
            ("MaxCallParticipants", calls.maxParticipants),
            ("AllowScreenSharing", calls.allowScreenSharing),
            ("EnableSimulcast", calls.enableSimulcast), ("EnableAV1", calls.enableAV1),
            ("EnableDCSignaling", calls.enableDCSignaling), ("EnableVideo", calls.enableVideo),
            ("EnableRinging", calls.enableRinging), ("EnableIPv6", media.enableIPv6),
            ("EnableRecordings", calls.enableRecordings), ("JobServiceURL", calls.jobServiceURL),
            ("MaxRecordingDuration", calls.maxRecordingMinutes),
            ("RecordingQuality", calls.recordingQuality),
            ("EnableTranscriptions", calls.enableTranscriptions),
            ("TranscribeAPI", calls.transcribeAPI),
            ("TranscriberModelSize", calls.transcriberModel),
            ("TranscriberNumThreads", calls.transcriberThreads),
            ("TranscribeAPIAzureSpeechKey", calls.azureSpeechKey),
            ("TranscribeAPIAzureSpeechRegion", calls.azureSpeechRegion),
            ("EnableLiveCaptions", calls.enableLiveCaptions),
            ("LiveCaptionsModelSize", calls.liveCaptionsModel),
            ("LiveCaptionsNumTranscribers", calls.liveCaptionsTranscribers),
            ("LiveCaptionsNumThreadsPerTranscriber", calls.liveCaptionsThreads),
            ("LiveCaptionsLanguage", calls.liveCaptionsLanguage),
        ]
    }()
}

extension Settings {
    /// Whether there are TURN servers for which clients must ask for a credential.
    var makesTURNCredentials: Bool {
        !media.turnSecret.isEmpty && media.iceServers.contains(where: \.needsCredential)
    }
}

extension ICEServer {
    /// A TURN server without a credential of its own gets one from the shared secret.
    var needsCredential: Bool {
        let isTURN = urls.allSatisfy { $0.hasPrefix("turn:") || $0.hasPrefix("turns:") }
        return isTURN && username == nil && credential == nil
    }

    func writeURLs(to json: inout JSONWriter) {
        json.key("urls")
        json.beginArray()
        for url in urls { json.string(url) }
        json.endArray()
    }
}
