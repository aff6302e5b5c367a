package import Basics

/// What people may do in calls, and what the application around us is told of them.
package struct CallsSettings: SectionKeys {
    package static let all = CallsSettings()
    package static let name = "calls"
    package static let purpose =
        "What people may do in calls, and what the application around us is told of them."

    package enum RecordingQuality: String, CaseIterable, Sendable {
        case low
        case medium
        case high
    }

    package enum Transcriber: String, CaseIterable, Sendable {
        case whisper = "whisper.cpp"
        case azure
    }

    package enum Model: String, CaseIterable, Sendable {
        case tiny
        case base
        case small
        case medium
        case large
    }

    package let defaultEnabled = Key(
        "calls.default_enabled",
        .flag,
        default: true,
        plugin: "DEFAULT_ENABLED",
        isReloadable: true,
        because:
            "Whether calls may be started in channels about which nobody has decided. Calls are "
            + "what this server is for; false is a test mode, in which only administrators start them."
    )

    package let maxParticipants = Key(
        "calls.max_participants",
        .whole(0...100_000),
        default: 0,
        plugin: "MAX_CALL_PARTICIPANTS",
        isReloadable: true,
        because: "How many may be in one call. 0 means no limit but the machine's."
    )

    package let allowScreenSharing = Key(
        "calls.allow_screen_sharing",
        .flag,
        default: true,
        plugin: "ALLOW_SCREEN_SHARING",
        isReloadable: true,
        because: "Whether screens may be shared, one at a time in each call."
    )

    package let enableVideo = Key(
        "calls.enable_video",
        .flag,
        default: true,
        plugin: "ENABLE_VIDEO",
        isReloadable: true,
        because:
            "Whether cameras may be used. Of all wishes the oldest, hence true; the plugin's own "
            + "clients offer it where two talk."
    )

    package let enableRinging = Key(
        "calls.enable_ringing",
        .flag,
        default: true,
        plugin: "ENABLE_RINGING",
        isReloadable: true,
        because: "Whether clients ring for calls among few. A call that nobody hears of is missed."
    )

    package let enableSimulcast = Key(
        "calls.enable_simulcast",
        .flag,
        default: true,
        plugin: "ENABLE_SIMULCAST",
        isReloadable: true,
        because:
            "Whether clients send screens in several sizes, so that a viewer on a thin line gets a "
            + "smaller picture instead of a frozen one."
    )

    package let enableAV1 = Key(
        "calls.enable_av1",
        .flag,
        default: false,
        plugin: "ENABLE_AV1",
        isReloadable: true,
        because:
            "Whether screens may be sent as AV1: sharper text in fewer bits, for twice the work. "
            + "Clients pass it over where enable_simulcast is true."
    )

    package let enableDCSignaling = Key(
        "calls.enable_dc_signaling",
        .flag,
        default: false,
        plugin: "ENABLE_DC_SIGNALING",
        isReloadable: true,
        because: "Whether clients send descriptions of media over the data channel. The websocket "
            + "repeats what was lost when it reconnects, and a proxy's log shows it, hence false."
    )

    package let hostControlsAllowed = Key(
        "calls.host_controls_allowed",
        .flag,
        default: true,
        isReloadable: true,
        because: "Whether clients show hosts their controls: mute, remove, end for all."
    )

    package let groupCallsAllowed = Key(
        "calls.group_calls_allowed",
        .flag,
        default: true,
        plugin: "GROUP_CALLS_ALLOWED",
        isReloadable: true,
        because: "Whether clients offer calls among more than two."
    )

    package let reconnectGrace = Key(
        "calls.reconnect_grace",
        .time(.seconds(1) ... .seconds(600)),
        default: .seconds(30),
        isReloadable: true,
        because:
            "How long somebody whose connection was lost stays in the call. Clients try for 30s."
    )

    package let jobServiceURL = Key(
        "calls.job_service_url",
        .publicURL,
        default: "",
        plugin: "JOB_SERVICE_URL",
        because:
            "Where recordings and transcriptions are made. Empty means nowhere: asking for one is "
            + "refused."
    )

    package let enableRecordings = Key(
        "calls.enable_recordings",
        .flag,
        default: false,
        plugin: "ENABLE_RECORDINGS",
        isReloadable: true,
        because:
            "Whether hosts may record. It needs a job service, and people's consent, hence false."
    )

    package let maxRecordingMinutes = Key(
        "calls.max_recording_minutes",
        .whole(15...180),
        default: 60,
        plugin: "MAX_RECORDING_DURATION",
        isReloadable: true,
        because: "After how many minutes a recording ends."
    )

    package let recordingQuality = Key(
        "calls.recording_quality",
        .choice,
        default: RecordingQuality.medium,
        plugin: "RECORDING_QUALITY",
        isReloadable: true,
        because: "How good a recording is, and how large."
    )

    package let enableTranscriptions = Key(
        "calls.enable_transcriptions",
        .flag,
        default: false,
        plugin: "ENABLE_TRANSCRIPTIONS",
        isReloadable: true,
        because: "Whether recordings are transcribed; needs enable_recordings."
    )

    package let transcribeAPI = Key(
        "calls.transcribe_api",
        .choice,
        default: Transcriber.whisper,
        plugin: "TRANSCRIBE_API",
        isReloadable: true,
        because: "Who transcribes."
    )

    package let transcriberModel = Key(
        "calls.transcriber_model",
        .choice,
        default: Model.base,
        plugin: "TRANSCRIBER_MODEL_SIZE",
        isReloadable: true,
        because: "How large the transcriber's model is: larger understands better and takes longer."
    )

    package let transcriberThreads = Key(
        "calls.transcriber_threads",
        .whole(1...256),
        default: 2,
        plugin: "TRANSCRIBER_NUM_THREADS",
        isReloadable: true,
        because: "Threads of one transcription."
    )

    package let azureSpeechKey = Key(
        "calls.azure_speech_key",
        .secret(),
        default: Secret(""),
        plugin: "TRANSCRIBE_API_AZURE_SPEECH_KEY",
        isSecret: true,
        isReloadable: true,
        because: "The key for Azure's transcriber."
    )

    package let azureSpeechRegion = Key(
        "calls.azure_speech_region",
        .text(upTo: 64),
        default: "",
        plugin: "TRANSCRIBE_API_AZURE_SPEECH_REGION",
        isReloadable: true,
        because: "The region of that key."
    )

    package let enableLiveCaptions = Key(
        "calls.enable_live_captions",
        .flag,
        default: false,
        plugin: "ENABLE_LIVE_CAPTIONS",
        isReloadable: true,
        because: "Whether what is said is shown while it is recorded; needs enable_transcriptions."
    )

    package let liveCaptionsModel = Key(
        "calls.live_captions_model",
        .choice,
        default: Model.tiny,
        plugin: "LIVE_CAPTIONS_MODEL_SIZE",
        isReloadable: true,
        because: "How large the model for captions is. It must keep up with who speaks."
    )

    package let liveCaptionsTranscribers = Key(
        "calls.live_captions_transcribers",
        .whole(1...64),
        default: 1,
        plugin: "LIVE_CAPTIONS_NUM_TRANSCRIBERS",
        isReloadable: true,
        because: "How many voices of a call are captioned at once."
    )

    package let liveCaptionsThreads = Key(
        "calls.live_captions_threads",
        .whole(1...256),
        default: 2,
        plugin: "LIVE_CAPTIONS_NUM_THREADS_PER_TRANSCRIBER",
        isReloadable: true,
        because: "Threads for each of these voices."
    )

    package let liveCaptionsLanguage = Key(
        "calls.live_captions_language",
        .language,
        default: "en",
        plugin: "LIVE_CAPTIONS_LANGUAGE",
        isReloadable: true,
        because: "The language that captions expect. Empty lets the transcriber guess."
    )

    package let apiKeys = Key(
        "calls.api_keys",
        .list(of: .apiKey, upTo: 16),
        default: [],
        isSecret: true,
        isReloadable: true,
        because: "Who shows one of these as bearer may use the application's API, /api/roost/v1. "
            + "Several, so that a new one can be handed out before the old one goes."
    )

    package let apiRequestsPerSecond = Key(
        "calls.api_requests_per_second",
        .whole(1...100_000),
        default: 100,
        isReloadable: true,
        because: "Requests by each of these keys in the long run, and five times as many at once; "
            + "more is answered 429. Enough for any application, and an end to one that loops."
    )

    package let webhookURLs = Key(
        "calls.webhook_urls",
        .list(of: .webhookURL, upTo: 16),
        default: [],
        isReloadable: true,
        because: "Where to send word of calls and their participants: signed, until it is answered "
            + "with 2xx, so perhaps twice."
    )

    package let webhookSecret = Key(
        "calls.webhook_secret",
        .secret(upTo: 256),
        default: Secret(""),
        isSecret: true,
        isReloadable: true,
        because:
            "What webhooks are signed with (Standard Webhooks): whsec_ and Base64 of the key, or "
            + "the key as it stands."
    )

    package let webhookTries = Key(
        "calls.webhook_tries",
        .whole(1...100),
        default: 12,
        isReloadable: true,
        because: "How often one is sent before it is given up. Waits double from 5s to an hour, so "
            + "twelve are five hours."
    )

    package let webhookQueue = Key(
        "calls.webhook_queue",
        .whole(1...500),
        default: 200,
        isReloadable: true,
        because:
            "How many may wait for each URL; beyond that the oldest is given up. They are kept "
            + "through restarts."
    )

    package let guestLinks = Key(
        "calls.guest_links",
        .whole(0...1_000),
        default: 100,
        isReloadable: true,
        because: "Guest links of one channel at once. 0 allows none."
    )

    package let guestLinkLifetime = Key(
        "calls.guest_link_lifetime",
        .time(.seconds(60) ... .seconds(365 * 86_400)),
        default: .seconds(7 * 86_400),
        isReloadable: true,
        because: "The longest time for which a guest link may be made. Whoever has it comes in."
    )
}
