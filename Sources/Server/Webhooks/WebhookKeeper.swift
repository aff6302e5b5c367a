internal import Basics
internal import Calls
internal import Crypto
internal import IO
internal import Store
internal import Wire

/// Tells applications what happens in calls: gives each URL's ``WebhookQueue`` a clock, a store and a client.
///
/// What is queued is written to the store whole, one writing at a time and the latest state only, so that a
/// burst costs one writing, not one each.
actor WebhookKeeper {
    struct Values: Sendable {
        var urls: [String]
        var secret: WebhookSecret
        var rules: WebhookQueue.Rules
    }

    private struct Line {
        var queue: WebhookQueue
        var location: HTTPLocation
        /// Of what the store has.
        var version: Int64?
        var isSaving = false
        var mustSave = false
        /// The last writing failed, and a time is set for another.
        var isSaveBooked = false
        /// Until what is stored has been read, nothing may be written over it.
        var isRestored = false
    }

    nonisolated let loop: Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    private let client: HTTPClient
    private let store: any DurableStore
    private let log: Log
    /// Whose queue it is, where nodes share a store.
    private let owner: String
    private let outcomes: CounterFamily
    private let waiting: Gauge
    private var values: Values
    private var lines: [String: Line] = [:]
    private var random = SecureRandom()
    private var armed: Instant?
    private var closing: CheckedContinuation<Void, Never>?
    private var isClosed = false

    init(
        _ values: Values,
        loop: Loop,
        client: HTTPClient,
        store: any DurableStore,
        owner: String,
        metrics: MetricRegistry,
        log: Log
    ) {
        self.owner = owner
        self.values = values
        self.loop = loop
        self.client = client
        self.store = store
        self.log = log
        outcomes = metrics.counters(
            "roost_webhooks_total",
            help:
                "Webhooks sent, by how it went: delivered, failed (to be sent again), dead (given up).",
            labels: ["outcome"]
        )
        waiting = metrics.gauge(
            "roost_webhooks_waiting",
            help: "Webhooks that are not yet delivered."
        )
    }

    /// Takes over new settings. A URL that is no longer among them keeps what waits in the store.
    nonisolated func apply(_ values: Values) {
        loop.execute { self.assumeIsolated { $0.take(values) } }
    }

    /// Something happened in a call. From any thread.
    nonisolated func tell(_ report: CallDirectory.Report, _ call: CallID, _ channel: ChannelID) {
        guard WebhookText.type(of: report) != nil else { return }
        loop.execute { self.assumeIsolated { $0.add(report, call, channel) } }
    }

    /// Waits until everything that is still to be told is stored.
    func close() async {
        isClosed = true
        guard lines.values.contains(where: \.isSaving) else { return }
        await withCheckedContinuation { closing = $0 }
    }

    // MARK: - Lines

    private func take(_ values: Values) {
        self.values = values
        for url in Array(lines.keys) where !values.urls.contains(url) { lines[url] = nil }
        for url in values.urls {
            if lines[url] != nil {
                lines[url]?.queue.rules = values.rules
                continue
            }
            do throws(HTTPLocationFault) {
                let queue = WebhookQueue(rules: values.rules)
                lines[url] = Line(queue: queue, location: try HTTPLocation(url))
                loop.begin { [self] in await restore(url) }
            } catch {
                log.error("a webhook's URL is none", ["why": .string(error.description)])
            }
        }
    }

    private func restore(_ url: String) async {
        do throws(StoreFault) {
            let value = try await store.value(of: key(url))
            guard lines[url] != nil else { return }
            lines[url]?.version = value?.version
            if let value {
                do throws(JSONFault) {
                    try lines[url]?.queue.restore(from: value.bytes.span, at: loop.now)
                } catch {
                    log.error("stored webhooks are unreadable", ["why": .string("\(error)")])
                }
            }
        } catch {
            log.error("stored webhooks could not be read", ["why": .error(error)])
        }
        lines[url]?.isRestored = true
        receive(.woke, url)
        save(url)
    }

    private func add(_ report: CallDirectory.Report, _ call: CallID, _ channel: ChannelID) {
        guard !lines.isEmpty else { return }
        let (seconds, nanoseconds) = Loop.readWallClock()
        let now = WallTime(seconds: seconds, nanoseconds: Int32(nanoseconds))
        guard let body = WebhookText.body(of: report, in: call, channel, at: now) else { return }
        let notice = WebhookNotice(id: "msg_\(Identifier(using: &random))", body: body)
        for url in values.urls { receive(.added(notice), url) }
    }

    private func receive(_ event: WebhookQueue.Event, _ url: String) {
        guard let actions = lines[url]?.queue.receive(event, at: loop.now, using: &random) else {
            return
        }
        for action in actions {
            switch action {
            case .save: save(url)
            case .send(let notice): send(notice, url)
            case .giveUp(let notice, let ending):
                outcomes.child("dead").add()
                log.error(
                    "a webhook was given up; the application has missed it",
                    [
                        "url": .string(lines[url]?.location.origin ?? url),
                        "id": .string(notice.id), "why": .string(ending.rawValue),
                    ]
                )
            }
        }
        waiting.set(Double(lines.values.reduce(0) { $0 + $1.queue.count }))
        arm()
    }

    // MARK: - Sending

    private func send(_ notice: WebhookNotice, _ url: String) {
        guard !isClosed, let location = lines[url]?.location else { return }
        let time = Loop.readWallClock().seconds
        var fields: HTTPFields = ["content-type": "application/json", "user-agent": "roost"]
        fields.append("webhook-id", notice.id)
        fields.append("webhook-timestamp", String(time))
        let signature = values.secret.signature(id: notice.id, timestamp: time, body: notice.body)
        fields.append("webhook-signature", signature)
        let request = OutgoingRequest(
            .post,
            location,
            fields: fields,
            body: [UInt8](notice.body.utf8)
        )
        loop.begin { [self] in
            do throws(HTTPClientFault) {
                let response = try await client.send(request)
                let code = response.status.rawValue
                await sent((200...299).contains(code) ? nil : "it answered \(code)", url)
            } catch {
                await sent(error.description, url)
            }
        }
    }

    private func sent(_ fault: String?, _ url: String) {
        guard !isClosed else { return }
        outcomes.child(fault == nil ? "delivered" : "failed").add()
        if let fault {
            log.warning(
                "a webhook was not taken; it is sent again later",
                ["url": .string(lines[url]?.location.origin ?? url), "why": .string(fault)]
            )
        }
        receive(.answered(isWell: fault == nil), url)
    }

    // MARK: - Storing

    private func save(_ url: String) {
        guard let line = lines[url], line.isRestored else { return }
        guard !line.isSaving else {
            lines[url]?.mustSave = true
            return
        }
        lines[url]?.isSaving = true
        lines[url]?.mustSave = false
        let (text, version) = (line.queue.text, line.version)
        loop.begin { [self] in
            do throws(StoreFault) {
                let key = key(url)
                let written = try await store.write(text, to: key, ifVersion: version)
                if written == nil {
                    log.error(
                        "somebody else writes this node's webhooks; is another node on its store?"
                    )
                }
                await saved(url, version: written ?? version)
            } catch {
                log.error("webhooks could not be stored", ["why": .error(error)])
                await saved(url, version: version)
                await saveLater(url)
            }
        }
    }

    private func saveLater(_ url: String) {
        guard let line = lines[url], !line.isSaving, !line.isSaveBooked, !isClosed else { return }
        lines[url]?.isSaveBooked = true
        loop.schedule(at: loop.now + Self.pauseBetweenSavings) { [weak self] in
            self?.assumeIsolated { keeper in
                keeper.lines[url]?.isSaveBooked = false
                keeper.save(url)
            }
        }
    }

    private static let pauseBetweenSavings = Duration.seconds(5)

    private func saved(_ url: String, version: Int64?) {
        lines[url]?.version = version
        lines[url]?.isSaving = false
        if lines[url]?.mustSave == true { save(url) }
        guard isClosed, !lines.values.contains(where: \.isSaving) else { return }
        closing.take()?.resume()
    }

    private nonisolated func key(_ url: String) -> String {
        "webhooks/" + owner + Hex.encode(Digest.of(Array(url.utf8).span).span)
    }

    // MARK: - Time

    private func arm() {
        guard let next = lines.values.compactMap(\.queue.deadline).min(), !isClosed else { return }
        if let armed, armed <= next { return }
        armed = next
        loop.schedule(at: next) { [self] in assumeIsolated { $0.wake(next) } }
    }

    private func wake(_ instant: Instant) {
        if armed == instant { armed = nil }
        let now = loop.now
        for (url, line) in lines where line.queue.deadline.map({ $0 <= now }) ?? false {
            receive(.woke, url)
        }
        arm()
    }
}
