/// What a track is to those who hear and see it. The words are the client protocol's.
package enum TrackRole: String, Hashable, Sendable, CaseIterable {
    case voice
    case screen
    case screenAudio = "screen-audio"
    case camera = "video"

    package var kind: MediaKind {
        switch self {
        case .voice, .screenAudio: .audio
        case .screen, .camera: .video
        }
    }

    /// Whose quality is saved first when a viewer has too little room.
    var priority: Int {
        switch self {
        case .voice, .screenAudio: 3
        case .screen: 2
        case .camera: 1
        }
    }
}
