/// Where a call that leads nowhere leaves Swift's name of the method, see ``WireName``.
final class TargetNote: @unchecked Sendable {
    // Written and read by the one task that asks.
    var target: String?

    @TaskLocal static var current: TargetNote?
}
