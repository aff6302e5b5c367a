/// Connections that stay: how much each may send, hold and owe.
package struct WebSocketSettings: SectionKeys {
    package static let all = WebSocketSettings()
    package static let name = "websocket"
    package static let purpose = "Connections that stay: how much each may send, hold and owe."

    package let messageBytes = Key(
        "websocket.message_bytes",
        .size(1_024...16 << 20),
        default: 64 << 10,
        isReloadable: true,
        because: "One message, after decompression; a longer one closes the connection with 1009."
    )

    package let fragments = Key(
        "websocket.fragments",
        .whole(1...100_000),
        default: 1_024,
        isReloadable: true,
        because: "Frames in one message; more closes the connection with 1009."
    )

    package let queueBytes = Key(
        "websocket.queue_bytes",
        .size(4_096...64 << 20),
        default: 256 << 10,
        isReloadable: true,
        because: "What may wait to be sent to one slow reader before it is told and then cut."
    )

    package let queueMessages = Key(
        "websocket.queue_messages",
        .whole(8...65_536),
        default: 256,
        isReloadable: true,
        because: "Messages that may wait to be sent to one slow reader."
    )

    package let slowGrace = Key(
        "websocket.slow_grace",
        .time(.zero ... .seconds(300)),
        default: .seconds(5),
        isReloadable: true,
        because: "How long a reader may stay over its queue before it is cut."
    )

    package let pingInterval = Key(
        "websocket.ping_interval",
        .time(.seconds(1) ... .seconds(3_600)),
        default: .seconds(30),
        isReloadable: true,
        because: "How often a silent connection is asked whether it lives, which also keeps NATs "
            + "and proxies from forgetting it."
    )

    package let idleTimeout = Key(
        "websocket.idle_timeout",
        .time(.seconds(2) ... .seconds(7_200)),
        default: .seconds(100),
        isReloadable: true,
        because: "How long a connection may say nothing at all, not even pong."
    )

    package let authenticationTimeout = Key(
        "websocket.authentication_timeout",
        .time(.milliseconds(100) ... .seconds(300)),
        default: .seconds(5),
        isReloadable: true,
        because: "How long a new connection may take to say who it is."
    )

    package let compression = Key(
        "websocket.compression",
        .flag,
        default: true,
        isReloadable: true,
        because: "Whether clients may ask for permessage-deflate. Costs processor time and, while "
            + "a message is being packed, memory."
    )

    package let compressionFrom = Key(
        "websocket.compression_from",
        .size(0...16 << 20),
        default: 1 << 10,
        isReloadable: true,
        because: "Messages at least this long are compressed where a client asked for it."
    )

    package let messagesPerSecond = Key(
        "websocket.messages_per_second",
        .whole(1...100_000),
        default: 10,
        isReloadable: true,
        because: "Messages one connection may send in the long run."
    )

    package let burst = Key(
        "websocket.burst",
        .whole(1...100_000),
        default: 100,
        isReloadable: true,
        because: "Messages one connection may send at once; joining a call takes some dozens."
    )

    package let unauthenticatedPerAddress = Key(
        "websocket.unauthenticated_per_address",
        .whole(1...1_000_000),
        default: 20,
        isReloadable: true,
        because: "Connections from one address that have not yet said who they are."
    )

    package let unauthenticatedTotal = Key(
        "websocket.unauthenticated_total",
        .whole(1...10_000_000),
        default: 2_000,
        isReloadable: true,
        because: "Connections in all that have not yet said who they are."
    )

    package let echo = Key(
        "websocket.echo",
        .flag,
        default: false,
        because: "Serves /diagnostics/echo, which answers every message with itself, for "
            + "conformance suites. Leave it off where strangers can reach it."
    )
}
