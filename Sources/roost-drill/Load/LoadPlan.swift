package import Callers

/// What a load is: who is in which call, what they send and do, for how long.
///
/// Read from TOML, and from words of a command line that say the same: `--per-call 10` is
/// `per_call = 10`.
package struct LoadPlan: Hashable, Sendable {
    // Where to.
    /// A node's address, such as 127.0.0.1:8065; none for a node of the tool's own.
    package var target: String?
    /// Whether it may be another machine.
    package var allowsRemote = false
    /// The file of the secret with which passes are signed; without it people log in by name.
    package var keyFile: String?
    package var keyName = "drill"
    /// The process that is measured, where it is not the tool's own.
    package var pid: Int?
    /// Settings of the tool's own node.
    package var settings: [String] = []
    package var serverCPUs: String?

    // Whom.
    package var calls = 1
    package var perCall = 10
    /// Of each call.
    package var unmuted = 1
    /// Calls in which somebody shares a screen.
    package var screens = 0
    /// People of each call who show themselves.
    package var cameras = 0
    package var simulcast = false
    package var loss = 0.0
    package var profile = Profile.gcm

    // What they send.
    package var voiceBytes = 120
    package var voiceRate = 50
    package var screenBitrate = 1_600_000
    package var cameraBitrate = 1_000_000
    package var pictureRate = 30

    // When.
    package var ramp = Duration.seconds(5)
    package var duration = Duration.seconds(30)
    package var settle = Duration.seconds(2)
    package var seed: UInt64 = 1

    // What they do, so often a minute each.
    package var mutes = 0.0
    package var hands = 0.0
    package var reactions = 0.0
    package var rejoins = 0.0
    package var moves = 0.0

    // With what.
    package var threads = 1
    package var cpus: [Int] = []
    /// One packet of so many is decrypted.
    package var opensEvery = 8

    package enum Profile: String, CaseIterable, Hashable, Sendable {
        case gcm
        case cm
    }

    package init() {}

    package var people: Int { calls * perCall }

    /// Whether anybody's place in a call changes while it is measured.
    package var isRestless: Bool { mutes + rejoins + moves > 0 || loss > 0 }

    /// What the person at that place of a call sends.
    package func tracks(call: Int, place: Int) -> [LoadTrack] {
        var tracks: [LoadTrack] = []
        if place < unmuted {
            tracks.append(
                LoadTrack(
                    kind: .voice,
                    plan: .voice(packetsPerSecond: voiceRate, bytes: voiceBytes)
                )
            )
        }
        if place == 0, call < screens {
            tracks.append(LoadTrack(kind: .screen, plan: screenPlan))
        }
        if place < cameras {
            let layer = PictureLayer(bitrate: cameraBitrate, width: 640, height: 360)
            tracks.append(
                LoadTrack(kind: .camera, plan: .pictures(perSecond: pictureRate, layers: [layer]))
            )
        }
        return tracks
    }

    private var screenPlan: TrackPlan {
        guard simulcast else {
            let layer = PictureLayer(bitrate: screenBitrate, width: 1_920, height: 1_080)
            return .pictures(perSecond: pictureRate, layers: [layer])
        }
        let layers = [
            PictureLayer(rid: "l", bitrate: 500_000, width: 1_920, height: 1_080),
            PictureLayer(rid: "h", bitrate: 2_500_000, width: 1_920, height: 1_080),
        ]
        return .pictures(perSecond: 20, layers: layers)
    }
}

/// Something that somebody in a load sends.
package struct LoadTrack: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case voice
        case screen
        case camera
    }

    package var kind: Kind
    package var plan: TrackPlan

    package init(kind: Kind, plan: TrackPlan) {
        self.kind = kind
        self.plan = plan
    }
}
