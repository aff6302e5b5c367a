internal import Basics
internal import Media
internal import Synchronization

/// What a node's boards have done, for the metrics page.
///
/// Boards count in plain numbers of their own thread. Each leaves a copy here twice a second at most, so
/// that the packet path shares nothing with whoever reads the page.
final class MediaFigures: Sendable {
    struct Snapshot: Sendable {
        var counts = BoardCounts()
        var peers = 0
        var calls = 0
        var strays: UInt64 = 0
        var mailDropped: UInt64 = 0
    }

    private let snapshots: Mutex<[Snapshot]>

    init(shards: Int) {
        snapshots = Mutex(Array(repeating: Snapshot(), count: shards))
    }

    func leave(_ snapshot: Snapshot, of shard: Int) {
        snapshots.withLock { $0[shard] = snapshot }
    }

    private func sum(_ value: (Snapshot) -> UInt64) -> Double {
        snapshots.withLock { all in Double(all.reduce(0) { $0 + value($1) }) }
    }

    func register(in registry: MetricRegistry) {
        registry.gauge(
            "roost_media_peers",
            help: "Participants' connections, expected ones included.",
            reading: { [self] in sum { UInt64($0.peers) } }
        )
        registry.gauge(
            "roost_media_calls",
            help: "Calls with media.",
            reading: { [self] in sum { UInt64($0.calls) } }
        )
        let counters: [(String, String, @Sendable (BoardCounts) -> UInt64)] = [
            ("datagrams", "Datagrams that came for media, of any kind.", { $0.datagrams }),
            ("received_bytes", "Their bytes.", { $0.bytesIn }),
            (
                "packets_received", "Packets of sound and pictures that proved authentic.",
                { $0.packetsIn }
            ),
            ("packets_sent", "Packets of sound and pictures sent.", { $0.packetsOut }),
            ("sent_bytes", "Their bytes, encrypted.", { $0.bytesOut }),
            ("packets_resent", "Packets sent again to viewers who lost them.", { $0.resent }),
            (
                "resends_refused", "Packets that could not be sent again, or not so soon.",
                { $0.resendsRefused }
            ),
            ("padding_sent", "Packets of padding that probed a path.", { $0.paddingOut }),
            ("reports_sent", "Packets of RTCP sent.", { $0.reports }),
            ("key_frames_asked", "Whole pictures asked of publishers.", { $0.keyFramesAsked }),
            (
                "key_frames_forwarded", "Whole pictures with which a viewer began.",
                { $0.keyFramesForwarded }
            ),
            ("packets_muted", "Packets held back because their track is muted.", { $0.muted }),
            ("packets_forged", "Packets that did not prove authentic.", { $0.forged }),
            ("packets_replayed", "Packets that had come before, or far too late.", { $0.replayed }),
            (
                "packets_undeclared", "Packets of streams that nobody has announced.",
                { $0.undeclared }
            ),
            ("packets_malformed", "Packets that are none, by their own header.", { $0.malformed }),
            ("datagrams_alien", "Datagrams of a kind that is not spoken here.", { $0.alien }),
            (
                "datagrams_from_nowhere", "Datagrams over paths that have passed no check.",
                { $0.fromNowhere }
            ),
            ("checks", "Connectivity checks that passed.", { $0.checks }),
            (
                "checks_refused", "Connectivity checks of strangers, not answered.",
                { $0.checksRefused }
            ),
            ("handshakes", "Handshakes begun.", { $0.handshakes }),
            ("handshakes_failed", "Handshakes that failed.", { $0.handshakesFailed }),
            (
                "messages_refused", "Messages for data channels that could not be sent.",
                { $0.messagesRefused }
            ),
        ]
        for (name, help, value) in counters {
            registry.counter(
                "roost_media_\(name)_total",
                help: help,
                reading: { [self] in sum { value($0.counts) } }
            )
        }
        registry.counter(
            "roost_media_datagrams_handed_over_total",
            help: "Datagrams that came to another thread than their call's.",
            reading: { [self] in sum(\.strays) }
        )
        registry.counter(
            "roost_media_datagrams_hand_over_dropped_total",
            help: "Of those, what found no room.",
            reading: { [self] in sum(\.mailDropped) }
        )
    }
}
