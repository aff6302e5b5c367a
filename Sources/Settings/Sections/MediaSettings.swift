package import Basics

/// Where sound and pictures come in, and what clients are told about it.
package struct MediaSettings: SectionKeys {
    package static let all = MediaSettings()
    package static let name = "media"
    package static let purpose =
        "Where sound and pictures come in, and what clients are told about it."

    package let udpAddress = Key(
        "media.udp_address",
        .list(of: .address, upTo: 16),
        default: [],
        plugin: "UDP_SERVER_ADDRESS",
        because: "Addresses to receive UDP on. Empty means all of this machine's."
    )

    package let udpPort = Key(
        "media.udp_port",
        .whole(1...65_535),
        default: 8_443,
        plugin: "UDP_SERVER_PORT",
        because: "The one UDP port for all calls. Open it in every firewall on the way."
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
        .whole(1...65_535),
        default: 8_443,
        plugin: "TCP_SERVER_PORT",
        because: "The TCP port for clients whose networks let no UDP through."
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
        .whole(0...65_535),
        default: 0,
        plugin: "ICE_HOST_PORT_OVERRIDE",
        because: "The public port to tell clients, if NAT changes it. 0 means it doesn't."
    )

    package let iceServers = Key(
        "media.ice_servers",
        .iceServers,
        default: [],
        plugin: "ICE_SERVERS_CONFIGS",
        isSecret: true,
        because: "STUN and TURN servers for clients: tables of urls, username and credential, or "
            + "JSON of the same. A TURN server without credential gets one from turn_secret."
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
}
