internal import Basics
internal import IO

/// `roost cluster drain`: waits, unless told otherwise, until the node hosts no calls.
enum ClusterDrain {
    static func run(
        _ node: String,
        _ door: ClusterDoor,
        waits: Bool
    ) async throws(CommandFault) -> ExitCode {
        Terminal.say(try await door.wish("drain", [("node", node)]))
        guard waits else { return .fine }
        var last: Int?
        var stuckSince = Loop.readClock()
        while true {
            let view = try await door.view()
            let found = view.nodes.first { $0.name == node }
            guard let found, found.answers else {
                throw CommandFault(
                    "\(node) does not answer any more; see roost cluster status where its calls are"
                )
            }
            guard ["draining", "drained"].contains(found.state) else {
                throw CommandFault("\(node) is \(found.state) again: somebody has undrained it")
            }
            let left = found.callCount
            if left == 0 {
                Terminal.say(
                    "\(node) hosts no calls: stop it, or roost cluster undrain \(node) brings it back"
                )
                return .fine
            }
            if left != last {
                Terminal.say("\(node): \(left) \(left == 1 ? "call" : "calls") to go")
                last = left
                stuckSince = Loop.readClock()
            }
            guard Loop.readClock() - stuckSince < patience else {
                throw CommandFault(
                    """
                    \(left) of \(node)'s calls have gone nowhere for a minute; see roost cluster status \
                    whether another node takes calls. It goes on draining; roost cluster undrain \
                    \(node) ends that
                    """
                )
            }
            await door.loop.sleep(for: .milliseconds(200))
        }
    }

    private static let patience = Duration.seconds(60)
}
