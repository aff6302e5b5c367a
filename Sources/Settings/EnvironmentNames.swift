/// Which variables of the environment are ours, the Calls plugin's, or somebody else's by accident.
enum EnvironmentNames {
    static let prefix = "ROOST_"
    static let plugin = "MM_CALLS_"

    /// Ours, and not settings: where the file is, and what builds, tests and fuzzers are told.
    static let reserved: Set<String> = [
        "ROOST_BINARY", "ROOST_CONFIG", "ROOST_FUZZ", "ROOST_FUZZ_PARSER", "ROOST_LINK_VERSIONS",
        "ROOST_LONG_TESTS", "ROOST_OLDER", "ROOST_ROOMS", "ROOST_SEEDS", "ROOST_SLOW_TESTS",
    ]

    static func own(for path: String) -> String {
        prefix + path.uppercased().split(separator: ".").joined(separator: "_")
    }

    /// Kubernetes describes each service to each container in variables named for the service: one
    /// called `roost` gives `ROOST_SERVICE_HOST`, and `ROOST_PORT` with the value `tcp://…`.
    static func isKubernetes(_ name: String, value: String) -> Bool {
        if name.hasSuffix("_SERVICE_HOST") || name.hasSuffix("_SERVICE_PORT") { return true }
        if name.firstRange(of: "_SERVICE_PORT_") != nil { return true }
        let isLink = ["tcp://", "udp://", "sctp://"].contains { value.hasPrefix($0) }
        if name.hasSuffix("_PORT"), isLink { return true }
        guard let port = name.firstRange(of: "_PORT_") else { return false }
        let parts = name[port.upperBound...].split(separator: "_")
        guard parts.count == 2 || parts.count == 3, Int(parts[0]) != nil else { return false }
        return ["TCP", "UDP", "SCTP"].contains(parts[1])
            && (parts.count == 2 || ["PROTO", "PORT", "ADDR"].contains(parts[2]))
    }

    /// Whether the Calls plugin knows this variable, of which the prefix has been taken off.
    static func pluginKnows(_ name: String) -> Bool {
        pluginNames.contains(name) || name.hasPrefix("RECORDER_") || name.hasPrefix("TRANSCRIBER_")
    }

    private static let pluginNames: Set<String> = [
        "DEFAULT_ENABLED", "ALLOW_ENABLE_CALLS", "UDP_SERVER_ADDRESS", "TCP_SERVER_ADDRESS",
        "UDP_SERVER_PORT", "TCP_SERVER_PORT", "ICE_HOST_OVERRIDE", "ICE_HOST_PORT_OVERRIDE",
        "ICE_SERVERS", "ICE_SERVERS_CONFIGS", "TURN_STATIC_AUTH_SECRET",
        "TURN_CREDENTIALS_EXPIRATION_MINUTES", "SERVER_SIDE_TURN", "RTCD_SERVICE_URL",
        "MAX_CALL_PARTICIPANTS", "ALLOW_SCREEN_SHARING", "ENABLE_SIMULCAST", "ENABLE_AV1",
        "ENABLE_DC_SIGNALING", "ENABLE_VIDEO", "ENABLE_RINGING", "ENABLE_I_PV6",
        "ENABLE_RECORDINGS", "JOB_SERVICE_URL", "MAX_RECORDING_DURATION", "RECORDING_QUALITY",
        "ENABLE_TRANSCRIPTIONS", "TRANSCRIBE_API", "TRANSCRIBER_MODEL_SIZE",
        "TRANSCRIBER_NUM_THREADS", "TRANSCRIBE_API_AZURE_SPEECH_KEY",
        "TRANSCRIBE_API_AZURE_SPEECH_REGION", "ENABLE_LIVE_CAPTIONS", "LIVE_CAPTIONS_MODEL_SIZE",
        "LIVE_CAPTIONS_NUM_TRANSCRIBERS", "LIVE_CAPTIONS_NUM_THREADS_PER_TRANSCRIBER",
        "LIVE_CAPTIONS_LANGUAGE",
        "DISABLE", "GROUP_CALLS_ALLOWED", "MAX_PARTICIPANTS", "RTCD_URL", "RTCD_CLIENT_ID",
        "RTCD_AUTH_KEY", "JOB_SERVICE_CLIENT_ID", "JOB_SERVICE_AUTH_KEY",
        "JOB_SERVICE_IMAGE_REGISTRY", "CONCURRENT_SESSIONS_THRESHOLD",
        "CONCURRENT_SESSIONS_WARNING_BACKOFF_TIME", "MAX_IDLE_CONNS", "MAX_OPEN_CONNS",
    ]
}
