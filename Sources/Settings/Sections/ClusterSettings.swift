package import Basics

/// What a node is among the nodes of its cluster. Counts once `[redis]` says where they meet.
package struct ClusterSettings: SectionKeys {
    package static let all = ClusterSettings()
    package static let name = "cluster"
    package static let purpose =
        "What this node is among the nodes of its cluster. Counts once [redis] says where they "
        + "meet."

    package enum Timers: String, CaseIterable, Sendable {
        case lan
        case wan
    }

    package let name = Key(
        "cluster.name",
        .clusterName,
        default: "roost",
        because: "The cluster's name, the same on all its nodes. Clusters of different names can "
            + "share a Redis: each has keys of its own."
    )

    package let listen = Key(
        "cluster.listen",
        .socket,
        default: SocketAddress(ip: .loopback, port: 8046),
        because: "Where other nodes connect: an address of the network that the nodes share, never "
            + "of the public one."
    )

    package let advertise = Key(
        "cluster.advertise",
        .endpoint,
        default: "",
        because: "Where other nodes are told to connect, if that is not listen: behind NAT, in a "
            + "container, or by name."
    )

    package let secret = Key(
        "cluster.secret",
        .clusterSecret,
        default: Secret(""),
        isSecret: true,
        because: "What nodes know each other by, the same on all of them, unless certificates are "
            + "set. Only who knows it can read what they say, or be one of them."
    )

    package let previousSecret = Key(
        "cluster.previous_secret",
        .clusterSecret,
        default: Secret(""),
        isSecret: true,
        because: "A secret that is still believed of others, so that it can be changed node by "
            + "node: first the new one here, then swap the two, then leave this empty."
    )

    package let ca = Key(
        "cluster.ca",
        .file,
        default: "",
        because:
            "The certificate of who signs the nodes' certificates, as PEM. With it, certificate "
            + "and key, nodes know each other by certificates and not by the secret. "
            + "`roost cluster init` makes all three."
    )

    package let certificate = Key(
        "cluster.certificate",
        .file,
        default: "",
        because: "This node's certificate and its chain, as PEM, for its name or address and for "
            + "both ends of a connection."
    )

    package let key = Key(
        "cluster.key",
        .file,
        default: "",
        because: "The private key of this node's certificate, as PEM."
    )

    package let timers = Key(
        "cluster.timers",
        .choice,
        default: Timers.lan,
        because: "How soon a silent node counts as dead: within a second or two where nodes are "
            + "side by side (lan), later where they are up to 100ms apart (wan). The same on all."
    )

    package let `guard` = Key(
        "cluster.guard",
        .flag,
        default: true,
        because:
            "Whether a second, small process tells the other nodes at once when this one dies. "
            + "Without it they find out by the silence, which takes most of a second longer."
    )

    package let takesCalls = Key(
        "cluster.takes_calls",
        .flag,
        default: true,
        isReloadable: true,
        because: "Whether new calls may be hosted here. false leaves them to other nodes; people "
            + "still connect here, and calls that are here stay."
    )

    package let maxCalls = Key(
        "cluster.max_calls",
        .whole(0...1_000_000),
        default: 0,
        isReloadable: true,
        because: "Calls hosted here at once, beyond which new ones go to other nodes. 0 means no "
            + "limit."
    )

    package let maxSessions = Key(
        "cluster.max_sessions",
        .whole(0...1_000_000),
        default: 0,
        isReloadable: true,
        because: "People in the calls hosted here at once, beyond which new calls go to other "
            + "nodes. 0 means no limit."
    )

    package let rebalance = Key(
        "cluster.rebalance",
        .flag,
        default: false,
        isReloadable: true,
        because:
            "Whether this node gives calls to others by itself while it has clearly more "
            + "people than its share and nothing else is amiss. Only calls whose clients all follow; "
            + "yet a move is a move, and even nodes are rarely worth one, hence false. The same on "
            + "all."
    )

    package let rebalanceAbove = Key(
        "cluster.rebalance_above",
        .whole(5...1_000),
        default: 20,
        isReloadable: true,
        because: "How many percent more people than its share, and ten at least, a node must have "
            + "before it gives calls away; it stops at half of that. Less moves calls for little."
    )

    package let rebalanceMoves = Key(
        "cluster.rebalance_moves",
        .whole(1...64),
        default: 4,
        isReloadable: true,
        because: "How many calls a node gives away at a time. A node that has been restarted is "
            + "filled by its neighbours, and few at a time are noticed by nobody."
    )

    package let rebalancePause = Key(
        "cluster.rebalance_pause",
        .time(.seconds(1) ... .seconds(3_600)),
        default: .seconds(5),
        isReloadable: true,
        because: "How long a node waits after some before it gives away more. Sooner than in a "
            + "second the others have not told what they carry now."
    )

    package let drainTimeout = Key(
        "cluster.drain_timeout",
        .time(.zero ... .seconds(86_400)),
        default: .seconds(60),
        isReloadable: true,
        because: "How long a node that is told to stop hands its calls over before it ends. Give "
            + "whoever stops it (systemd, Kubernetes) longer than this."
    )
}
