package import Basics
package import Crypto
internal import Synchronization

/// What a subscriber hears of one channel.
package enum RedisNews: Hashable, Sendable {
    /// From now on nothing is missed, until the next cut.
    case began
    case message([UInt8])
    /// The connection is gone: what is published until the next beginning is not heard.
    case cut(why: String)
}

/// One handler's place at a channel.
package struct RedisSubscription: Hashable, Sendable {
    package let channel: String
    fileprivate let number: UInt64
}

/// Hears what is published on channels of one Redis, over a connection of its own.
///
/// When the connection is lost, another is made and all channels are subscribed to again; handlers are told
/// of both, for messages published in between went unheard. Handlers are called on the loop, in order.
/// Call ``close()`` at the end.
package actor RedisSubscriber {
    private struct Channel {
        var handlers: [UInt64: @Sendable (RedisNews) -> Void] = [:]
        var hasBegun = false
    }

    package nonisolated let place: RedisPlace
    package nonisolated let loop: Loop
    package nonisolated let rules: RedisRules
    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    private let log: Log
    private let numbers = Atomic<UInt64>(0)
    private var line: RedisLine?
    private var connection: RedisConnection?
    private var channels: [String: Channel] = [:]
    private var isClosed = false

    /// Begins to connect. `tls` is how a server's certificate is judged, for a place that is secure.
    package init(
        _ place: RedisPlace,
        loop: Loop,
        resolver: NameResolver,
        tls: TLSContext? = nil,
        rules: RedisRules = RedisRules(),
        log: Log = .silent
    ) {
        var mustBeMaster = false
        if case .sentinels = place.way { mustBeMaster = true }
        self.init(
            place,
            purpose: .data(mustBeMaster: mustBeMaster),
            loop: loop,
            resolver: resolver,
            tls: tls,
            rules: rules,
            log: log
        )
    }

    init(
        _ place: RedisPlace,
        purpose: RedisGreeting.Purpose,
        loop: Loop,
        resolver: NameResolver,
        tls: TLSContext?,
        rules: RedisRules,
        log: Log = .silent
    ) {
        self.place = place
        self.loop = loop
        self.rules = rules
        self.log = log
        onLoop { subscriber in
            subscriber.open(purpose, resolver, tls)
        }
    }

    private func open(
        _ purpose: RedisGreeting.Purpose,
        _ resolver: NameResolver,
        _ tls: TLSContext?
    ) {
        guard !isClosed else { return }
        let line = RedisLine(
            place,
            purpose: purpose,
            loop: loop,
            resolver: resolver,
            tls: tls,
            rules: rules
        ) { [weak self] event in
            self?.assumeIsolated { $0.hear(event) }
        }
        self.line = line
        line.open()
    }

    /// Ends the connection; nobody hears anything any more.
    package func close() {
        isClosed = true
        channels = [:]
        connection = nil
        line?.close("the subscriber was closed")
        line = nil
    }

    // MARK: - Channels

    /// Tells the handler what is published on the channel, from its ``RedisNews/began`` on.
    @discardableResult
    package nonisolated func subscribe(
        _ channel: String,
        _ handler: @escaping @Sendable (RedisNews) -> Void
    ) -> RedisSubscription {
        let number = numbers.add(1, ordering: .relaxed).newValue
        let subscription = RedisSubscription(channel: channel, number: number)
        onLoop { $0.add(subscription, handler) }
        return subscription
    }

    /// The handler is told nothing more.
    package nonisolated func cancel(_ subscription: RedisSubscription) {
        onLoop { $0.remove(subscription) }
    }

    private nonisolated func onLoop(
        _ work: @escaping @Sendable (isolated RedisSubscriber) -> Void
    ) {
        if loop.isCurrent {
            assumeIsolated { work($0) }
        } else {
            loop.execute { self.assumeIsolated { work($0) } }
        }
    }

    private func add(
        _ subscription: RedisSubscription,
        _ handler: @escaping @Sendable (RedisNews) -> Void
    ) {
        guard !isClosed else { return }
        let name = subscription.channel
        let isNew = channels[name] == nil
        channels[name, default: Channel()].handlers[subscription.number] = handler
        if isNew {
            connection?.send(unanswered: RedisCommand("SUBSCRIBE", name))
        } else if channels[name]?.hasBegun == true {
            handler(.began)
        }
    }

    private func remove(_ subscription: RedisSubscription) {
        let name = subscription.channel
        guard channels[name]?.handlers.removeValue(forKey: subscription.number) != nil,
            channels[name]?.handlers.isEmpty == true
        else { return }
        channels[name] = nil
        connection?.send(unanswered: RedisCommand("UNSUBSCRIBE", name))
    }

    // MARK: - What becomes of the connection

    private func hear(_ event: RedisLine.Event) {
        switch event {
        case .ready(let connection, _):
            self.connection = connection
            connection.isSubscribed = true
            for name in channels.keys.sorted() {
                connection.send(unanswered: RedisCommand("SUBSCRIBE", name))
            }
        case .pushed(let value):
            take(value)
        case .leaving(let why), .lost(let why):
            connection = nil
            for name in channels.keys where channels[name]?.hasBegun == true {
                channels[name]?.hasBegun = false
                tell(name, .cut(why: why))
            }
        case .confirmed:
            break
        }
    }

    private func take(_ value: RedisValue) {
        guard let elements = value.elements, elements.count == 3,
            let kind = elements[0].text, let name = elements[1].text, channels[name] != nil
        else { return }
        switch kind {
        case "message":
            guard let bytes = elements[2].bytes else { return }
            tell(name, .message(bytes))
        case "subscribe":
            // Left and entered again in one breath, it is answered twice.
            guard channels[name]?.hasBegun == false else { return }
            channels[name]?.hasBegun = true
            tell(name, .began)
        default:
            break
        }
    }

    private func tell(_ name: String, _ news: RedisNews) {
        guard let handlers = channels[name]?.handlers else { return }
        for number in handlers.keys.sorted() { handlers[number]?(news) }
    }
}
