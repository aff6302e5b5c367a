package import Basics

/// All data channels with one peer, and the association they run in (RFC 8831, 8832).
///
/// Feed it what comes out of DTLS, send what it writes through DTLS. After every call: take what
/// ``nextEvent()`` has until it is nil, then what ``nextPacket(into:at:)`` has, then look at
/// ``deadline`` again; after each packet received too, since a batch of them makes but one SACK.
///
///            open()                  ACK
///     (id) ─────────▶ opening ──────────────▶ open ──▶ closing ──▶ (id)
///        ╰────────────────────────────────────▲
///                     OPEN, answered by ACK
///
/// A channel is a pair of streams with one number. Whoever closes resets its outgoing stream, the
/// other resets its own in answer, and the number is free when both are done (RFC 8831 section 6.7).
/// DTLS's client opens even numbers, its server odd ones. A peer that takes the wrong ones is
/// forgiven as long as the number is free.
package struct DataChannels: ~Copyable {
    package struct Configuration: Sendable {
        package var association = SCTPConfiguration()
        package var maxChannels = 16
        package var maxLabelSize = 256

        package init() {}
    }

    package enum Event: Equatable, Sendable {
        /// The association is there. Not needed before ``DataChannels/open(_:at:)``.
        case connected
        /// The peer opened a channel, or has acknowledged ours.
        case opened(UInt16, ChannelOpening)
        case message(UInt16, isText: Bool, [UInt8])
        case closed(UInt16)
        /// Every channel was closed, and nothing comes after this.
        case ended(SCTPEnding)
    }

    package enum Refusal: String, Error, Hashable, Sendable, CustomStringConvertible {
        case noSuchChannel = "there is no open channel of this number"
        case tooManyChannels = "as many channels are open as may be; close one"
        case labelTooLong = "label and protocol are longer than the limit; shorten them"
        case closed = "the association is closing or closed"
        case full = "the send buffer is full; wait until the peer has acknowledged more"
        case messageTooLarge = "the message is larger than the peer takes; split it"

        package var description: String { rawValue }
    }

    private struct Channel {
        var id: UInt16
        var opening: ChannelOpening
        var state: State
        /// Whether the peer's outgoing stream was reset, and ours.
        var isPeerDone = false
        var isOwnDone = false
    }

    private enum State {
        case opening
        case open
        /// Said to be closed already, or not yet.
        case closing(isTold: Bool)
    }

    private var association: SCTPAssociation
    private var channels: [Channel] = []
    private var events = Fifo<Event>()
    private let configuration: Configuration
    private let isDTLSClient: Bool
    /// Messages that belonged to no channel, or were none.
    package private(set) var strayMessages: UInt64 = 0

    package init(
        _ configuration: Configuration,
        isDTLSClient: Bool,
        using random: inout some RandomNumberGenerator
    ) {
        self.configuration = configuration
        self.isDTLSClient = isDTLSClient
        association = SCTPAssociation(configuration.association, using: &random)
    }

    // MARK: The association

    package mutating func connect(at now: Instant) { association.connect(at: now) }

    package mutating func receive(_ packet: Span<UInt8>, at now: Instant) {
        association.receive(packet, at: now)
    }

    /// Writes the next packet, and returns its size; nil if there is nothing to send now. The buffer
    /// has at least ``SCTPConfiguration/maxPacketSize`` bytes.
    package mutating func nextPacket(
        into buffer: consuming MutableSpan<UInt8>,
        at now: Instant
    ) -> Int? {
        association.nextPacket(into: buffer, at: now)
    }

    package var deadline: Instant? { association.deadline }

    package mutating func advance(to now: Instant) { association.advance(to: now) }

    /// Sends what was handed over, then closes everything.
    package mutating func close(at now: Instant) { association.close(at: now) }

    package mutating func abort() { association.abort() }

    package var isConnected: Bool { association.isConnected }

    /// Bytes handed over and not yet acknowledged.
    package var bufferedBytes: Int { association.bufferedBytes }

    package var counts: SCTPCounts { association.counts }

    // MARK: Channels

    /// Opens a channel and returns its number. Messages may be sent on it at once.
    package mutating func open(
        _ opening: ChannelOpening,
        at now: Instant
    ) throws(Refusal) -> UInt16 {
        guard opening.label.utf8.count <= configuration.maxLabelSize,
            opening.subprotocol.utf8.count <= configuration.maxLabelSize
        else { throw .labelTooLong }
        guard channels.count < configuration.maxChannels, let id = freeID else {
            throw .tooManyChannels
        }
        let bytes = DCEPMessage.open(opening).bytes
        try send(bytes.span, id, .control, isOrdered: true, .full, at: now)
        channels.append(Channel(id: id, opening: opening, state: .opening))
        return id
    }

    /// Whether the peer has acknowledged everything that was sent on any channel.
    package var hasAllArrived: Bool { association.hasAllArrived }

    /// `asksForReceipt` makes the peer acknowledge the message at once.
    package mutating func send(
        _ message: Span<UInt8>,
        isText: Bool,
        on id: UInt16,
        asksForReceipt: Bool = false,
        at now: Instant
    ) throws(Refusal) {
        guard let channel = channels.first(where: { $0.id == id }) else { throw .noSuchChannel }
        let isOrdered: Bool
        switch channel.state {
        // Nothing may overtake OPEN (RFC 8832 section 6).
        case .opening: isOrdered = true
        case .open: isOrdered = channel.opening.isOrdered
        case .closing: throw .noSuchChannel
        }
        let reliability = channel.opening.reliability
        if message.isEmpty {
            // SCTP has no empty messages: a byte stands for none (RFC 8831 section 6.6).
            let nothing: [UInt8] = [0]
            let kind = isText ? PayloadProtocol.emptyText : .emptyBinary
            try send(
                nothing.span,
                id,
                kind,
                isOrdered: isOrdered,
                reliability,
                asksForReceipt: asksForReceipt,
                at: now
            )
        } else {
            let kind = isText ? PayloadProtocol.text : .binary
            try send(
                message,
                id,
                kind,
                isOrdered: isOrdered,
                reliability,
                asksForReceipt: asksForReceipt,
                at: now
            )
        }
    }

    /// Closes a channel once what was sent on it is out. ``Event/closed(_:)`` says when it is gone.
    package mutating func close(_ id: UInt16) {
        guard let place = channels.firstIndex(where: { $0.id == id }) else { return }
        if case .closing = channels[place].state { return }
        channels[place].state = .closing(isTold: false)
        resetOwn(id)
        finish(id)
    }

    package mutating func nextEvent() -> Event? {
        while events.isEmpty {
            guard let event = association.nextEvent() else { return nil }
            receive(event)
        }
        return events.popFirst()
    }

    // MARK: What the association tells

    private mutating func receive(_ event: SCTPEvent) {
        switch event {
        case .connected: connected()
        case .cannotReset:
            // Then what was closed before is closed now, as far as it ever will be.
            for channel in channels {
                if case .closing = channel.state { drop(channel.id) }
            }
        case .message(let message): receive(message)
        case .peerReset(let streams): peerReset(streams)
        case .ownReset(let streams):
            for stream in streams { ownReset(stream) }
        case .restarted:
            dropAll()
            events.append(.connected)
        case .closed(let ending):
            dropAll()
            events.append(.ended(ending))
        }
    }

    /// The peer may have fewer streams than we opened.
    private mutating func connected() {
        events.append(.connected)
        for id in channels.map(\.id) where id >= association.outgoingStreams { drop(id) }
    }

    private mutating func dropAll() {
        for id in channels.map(\.id) { drop(id) }
    }

    private mutating func drop(_ id: UInt16) {
        guard let place = channels.firstIndex(where: { $0.id == id }) else { return }
        let channel = channels.remove(at: place)
        if case .closing(isTold: true) = channel.state { return }
        events.append(.closed(id))
    }

    private mutating func receive(_ message: SCTPMessage) {
        let kind = PayloadProtocol(rawValue: message.payloadProtocol)
        if kind == .control { return receiveControl(message) }
        guard let channel = channels.first(where: { $0.id == message.stream }) else {
            strayMessages += 1
            return
        }
        // While we wait for ACK, or close, the peer may already, or still, say something.
        if case .closing = channel.state { return }
        switch kind {
        case .text: events.append(.message(channel.id, isText: true, message.bytes))
        case .binary: events.append(.message(channel.id, isText: false, message.bytes))
        case .emptyText: events.append(.message(channel.id, isText: true, []))
        case .emptyBinary: events.append(.message(channel.id, isText: false, []))
        default: strayMessages += 1
        }
    }

    private mutating func receiveControl(_ message: SCTPMessage) {
        let id = message.stream
        let control = DCEPMessage(message.bytes.span)
        if case .open = control { forget(id) }
        let place = channels.firstIndex { $0.id == id }
        switch control {
        case .acknowledgement:
            guard let place, case .opening = channels[place].state else { break }
            channels[place].state = .open
            events.append(.opened(id, channels[place].opening))
            return
        case .open(let opening) where place == nil:
            guard channels.count < configuration.maxChannels,
                opening.label.utf8.count <= configuration.maxLabelSize,
                opening.subprotocol.utf8.count <= configuration.maxLabelSize,
                acknowledge(id)
            else { break }
            channels.append(Channel(id: id, opening: opening, state: .open))
            events.append(.opened(id, opening))
            return
        case .open, nil:
            break
        }
        // What makes no sense closes the channel (RFC 8832 section 6), there or not.
        strayMessages += 1
        guard place == nil else { return close(id) }
        _ = association.reset(id)  // which tells the peer; without resets nothing can
    }

    /// A peer that opens a channel anew has closed the old one, and so has heard of our reset, even
    /// if its answer was lost.
    private mutating func forget(_ id: UInt16) {
        if let channel = channels.first(where: { $0.id == id }) {
            guard case .closing = channel.state, channel.isPeerDone else { return }
        }
        if association.presumeReset(id) { ownReset(id) }
    }

    /// Only with ACK does the peer know that it has a channel; without room for it there is none.
    private mutating func acknowledge(_ id: UInt16) -> Bool {
        let bytes = DCEPMessage.acknowledgement.bytes
        do throws(Refusal) {
            // Sent whatever happens, so its moment does not matter.
            let never = Instant(nanoseconds: 0)
            try send(bytes.span, id, .control, isOrdered: true, .full, at: never)
            return true
        } catch {
            return false
        }
    }

    private mutating func peerReset(_ streams: [UInt16]) {
        let ids = streams.isEmpty ? channels.map(\.id) : streams
        for id in ids {
            guard let place = channels.firstIndex(where: { $0.id == id }) else { continue }
            channels[place].isPeerDone = true
            switch channels[place].state {
            case .opening, .open:
                channels[place].state = .closing(isTold: true)
                events.append(.closed(id))
                resetOwn(id)
            case .closing: break
            }
            finish(id)
        }
    }

    private mutating func ownReset(_ id: UInt16) {
        guard let place = channels.firstIndex(where: { $0.id == id }) else { return }
        channels[place].isOwnDone = true
        finish(id)
    }

    /// A peer without resets never hears of it, and will not reset either.
    private mutating func resetOwn(_ id: UInt16) {
        guard !association.reset(id), let place = channels.firstIndex(where: { $0.id == id })
        else { return }
        channels[place].isOwnDone = true
        channels[place].isPeerDone = true
    }

    private mutating func finish(_ id: UInt16) {
        guard let place = channels.firstIndex(where: { $0.id == id }),
            channels[place].isOwnDone, channels[place].isPeerDone
        else { return }
        drop(id)
        if channels.isEmpty { channels = [] }
    }

    private var freeID: UInt16? {
        var id: UInt16 = isDTLSClient ? 0 : 1
        while id < association.outgoingStreams {
            if !channels.contains(where: { $0.id == id }) { return id }
            id += 2
        }
        return nil
    }

    private mutating func send(
        _ message: Span<UInt8>,
        _ stream: UInt16,
        _ kind: PayloadProtocol,
        isOrdered: Bool,
        _ reliability: SCTPReliability,
        asksForReceipt: Bool = false,
        at now: Instant
    ) throws(Refusal) {
        do throws(SCTPRefusal) {
            try association.send(
                message,
                stream: stream,
                payloadProtocol: kind.rawValue,
                isOrdered: isOrdered,
                reliability: reliability,
                asksForReceipt: asksForReceipt,
                at: now
            )
        } catch {
            switch error {
            case .closed: throw .closed
            case .full: throw .full
            case .tooLarge: throw .messageTooLarge
            case .noSuchStream, .empty: throw .noSuchChannel
            }
        }
    }
}

/// What a message holds (RFC 8831 section 8).
private struct PayloadProtocol: RawRepresentable, Hashable {
    var rawValue: UInt32

    static var control: PayloadProtocol { PayloadProtocol(rawValue: 50) }
    static var text: PayloadProtocol { PayloadProtocol(rawValue: 51) }
    static var binary: PayloadProtocol { PayloadProtocol(rawValue: 53) }
    static var emptyText: PayloadProtocol { PayloadProtocol(rawValue: 56) }
    static var emptyBinary: PayloadProtocol { PayloadProtocol(rawValue: 57) }
}
