internal import Basics

/// What was shown in a call, and how long. Each stretch is added to those before.
struct CallStatistics: Hashable, Sendable {
    private(set) var screen: Duration = .zero
    private(set) var video: Duration = .zero
    private(set) var hasUsedScreen = false
    private(set) var hasUsedVideo = false

    init() {}

    /// As another node has counted them.
    init(screen: Duration, video: Duration, hasUsedScreen: Bool, hasUsedVideo: Bool) {
        self.screen = screen
        self.video = video
        self.hasUsedScreen = hasUsedScreen
        self.hasUsedVideo = hasUsedVideo
    }

    mutating func beginScreen() {
        hasUsedScreen = true
    }

    mutating func beginVideo() {
        hasUsedVideo = true
    }

    mutating func endScreen(since start: Instant, at now: Instant) {
        screen += max(.zero, now - start)
    }

    mutating func endVideo(since start: Instant, at now: Instant) {
        video += max(.zero, now - start)
    }
}
