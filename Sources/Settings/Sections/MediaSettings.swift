package import Basics

/// Where sound and pictures come in, and what clients are told about it.
package struct MediaSettings: SectionKeys {
    package static let all = MediaSettings()
    package static let name = "media"
    package static let purpose =
        "Where sound and pictures come in, and what clients are told about it."

    package enum Cipher: String, CaseIterable, Sendable {
        case fastest
        case openssl
    }

    package let udpAddress = Key(
        "media.udp_address",
        .list(of: .address, upTo: 16),
        default: [],
        plugin: "UDP_SERVER_ADDRESS",
        because: "Addresses to receive UDP on. Empty means all of this machine's."
    )

    package let udpPort = Key(
        "media.udp_port",
        .whole(0...65_535),
        default: 8_443,
        plugin: "UDP_SERVER_PORT",
        because: "The one UDP port for all calls. Open it in every firewall on the way. 0 takes a "
            + "free one, for tests."
    )

    package let tcpAddress = Key(
        "media.tcp_address",
        .list(of: .address, upTo: 16),
        default: [],
        plugin: "TCP_SERVER_ADDRESS",
        because: "Addresses to accept media over TCP on. Empty means all of this machine's."
    )

    package let tcpPort = Key(
        "media.tcp_port",
        .whole(0...65_535),
        default: 8_443,
        plugin: "TCP_SERVER_PORT",
        because: "The TCP port for clients whose networks let no UDP through. 0 takes a free one."
    )

    package let hostOverride = Key(
        "media.host_override",
        .text(),
        default: "",
        plugin: "ICE_HOST_OVERRIDE",
        because: "The public address or name to tell clients, if this machine is behind NAT or in "
            + "a container; or a mapping external/internal,external/internal."
    )

    package let portOverride = Key(
        "media.port_override",
        .portOverride,
        default: "0",
        plugin: "ICE_HOST_PORT_OVERRIDE",
        because: "The public port to tell clients, if NAT changes it; or a port for each of this "
            + "machine's addresses, address/port,address/port. 0 means it doesn't."
    )

    package let iceServers = Key(
        "media.ice_servers",
        .iceServers,
        default: [],
        plugin: "ICE_SERVERS_CONFIGS",
        isSecret: true,
        because: "STUN and TURN servers for clients: tables of urls, username and credential, or "
            + "JSON of the same. A TURN server without credential gets one from turn_secret. The "
            + "node asks those of stun: for its own public address, unless host_override says it."
    )

    package let turnSecret = Key(
        "media.turn_secret",
        .secret(),
        default: Secret(""),
        plugin: "TURN_STATIC_AUTH_SECRET",
        isSecret: true,
        because: "The secret shared with TURN servers (coturn's static-auth-secret), from which "
            + "clients' short-lived credentials are made."
    )

    package let turnCredentialsMinutes = Key(
        "media.turn_credentials_minutes",
        .whole(1...10_079),
        default: 240,
        plugin: "TURN_CREDENTIALS_EXPIRATION_MINUTES",
        because: "How long such credentials last. Longer than the longest call, shorter than a "
            + "week."
    )

    package let enableIPv6 = Key(
        "media.enable_ipv6",
        .flag,
        default: false,
        plugin: "ENABLE_I_PV6",
        because: "Whether to receive media over IPv6 too, and tell clients so."
    )

    package let threads = Key(
        "media.threads",
        .whole(0...64),
        default: 0,
        because: "Threads that forward media, each with sockets of its own. 0 means one less than "
            + "there are cores: a small call is on one of them, and what comes to another's "
            + "socket costs its way."
    )

    package let spreadFrom = Key(
        "media.spread_from",
        .whole(0...100_000),
        default: 32,
        because:
            "How many people of a call are on one media thread before the next are spread over "
            + "all. A packet costs its way to each thread that has viewers of it, so small calls "
            + "stay together. 0: spread from the first on."
    )

    package let loudest = Key(
        "media.loudest",
        .whole(0...16),
        default: 3,
        because: "How many voices of a call are passed on at a time, the loudest. 0 means all: "
            + "costlier, and people can't follow more."
    )

    package let historyPackets = Key(
        "media.history_packets",
        .powerOfTwo(32...8_192),
        default: 512,
        because: "How many packets of each picture track are kept to send again: a power of two. "
            + "At 1.5 KB each; 512 are two seconds of 2.5 Mbit/s."
    )

    package let videoWait = Key(
        "media.video_wait",
        .time(.zero ... .milliseconds(20)),
        default: .milliseconds(2),
        because: "How long a picture's packets may wait for the rest of it, to be sent as one run, "
            + "which costs a third. Sound is not kept for more of it."
    )

    package let turnRest = Key(
        "media.turn_rest",
        .time(.zero ... .milliseconds(5)),
        default: .microseconds(500),
        because:
            "How long a media thread that is woken more than 500 times a second rests between two "
            + "turns, so that what comes meanwhile shares the next. 0s: never."
    )

    package let cipher = Key(
        "media.cipher",
        .choice,
        default: MediaSettings.Cipher.fastest,
        because: "Who encrypts media: fastest (Intel's multi-buffer library where it runs, else "
            + "OpenSSL) or openssl."
    )

    package let consentTimeout = Key(
        "media.consent_timeout",
        .time(.seconds(5) ... .seconds(30)),
        default: .seconds(25),
        because: "How long a client that has fallen silent is still sent media (RFC 7675 allows "
            + "30s), after which its connection counts as lost."
    )

    package let testDoor = Key(
        "media.test_door",
        .flag,
        default: false,
        because: "Whether /diagnostics/call lets anybody who may log in send media to each other "
            + "without the rules of calls. For tests of networks and clients."
    )
}
