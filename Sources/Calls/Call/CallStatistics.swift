internal import Basics

/// What was shown in a call, and how long. Each stretch is added to those before.
struct CallStatistics: Hashable, Sendable {
    private(set) var screen: Duration = .zero
    private(set) var video: Duration = .zero
    private(set) var hasUsedScreen = false
    private(set) var hasUsedVideo = false

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
