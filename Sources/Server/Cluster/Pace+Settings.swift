internal import Coordination
internal import Settings

extension Settings {
    /// How fast this node and the others of its cluster speak.
    var clusterPace: Pace { cluster.timers == .lan ? .lan : .wan }
}
