/// What one connection was told, numbered, with the last of it kept, so that a client whose socket
/// was cut can go on with the next one as if nothing had been.
///
/// The first event, `hello`, has number 0, and each has the number after the one before it. A client counts what it
/// has got, and when it comes back it passes the number of the event that it expects next: 5 says
/// "I have 0 to 4". If 5 is what comes next here as well, nothing was missed. If 5 is still kept, then
/// all from there to the last is sent again under the numbers it had. Otherwise events are lost, or
/// the client speaks of another life of the server, and it gets a connection with another id; by that
/// it knows that it has to ask how things stand. Whether the connection is that person's to resume is
/// asked before.
///
/// What is kept is shared with every other line that was told the same.
package struct ConnectionLine: Sendable {
    /// As many as the chat server keeps.
    package static let keptEvents = 128
    /// Events of this many bytes are kept at most, however few they are.
    package static let keptBytes = 256 << 10

    /// The number of the next event.
    package private(set) var next = 0
    /// The words of each; those before `first` are let go of already, and are cut off when they are many.
    /// Without its stamp, by which an event is known again before it is told, each takes eight bytes here.
    private var kept: [[UInt8]] = []
    private var first = 0
    private var size = 0

    package init() {}

    /// A line that was kept elsewhere: the number of the next event, and the last before it. Nil unless the
    /// one fits the other.
    package init?(next: Int, kept: [EventText]) {
        guard next >= kept.count, kept.count <= Self.keptEvents else { return nil }
        self.next = next
        self.kept = kept.map(\.shared)
        size = kept.reduce(0) { $0 + $1.count }
    }

    /// What is kept, oldest first.
    package var keptTexts: [EventText] {
        kept[first...].map { EventText(relayed: $0, stamp: nil) }
    }

    private var keptCount: Int { kept.count - first }

    /// Numbers an event and answers with it as it is to be sent, if there is a socket to send it by.
    package mutating func append(_ event: EventText) -> NumberedText {
        let text = event.numbered(next)
        next += 1
        kept.append(event.shared)
        size += event.count
        while keptCount > Self.keptEvents || size > Self.keptBytes { letGo() }
        return text
    }

    private mutating func letGo() {
        size -= kept[first].count
        kept[first] = []
        first += 1
        guard first >= Self.keptEvents / 2 || first == kept.count else { return }
        kept.removeFirst(first)
        first = 0
    }

    /// Lets go of the events before that number, which the client is taken to have. If it has not, it gets
    /// another connection when it comes back.
    package mutating func forget(before number: Int) {
        let surplus = min(number - (next - keptCount), keptCount)
        guard surplus > 0 else { return }
        for _ in 0..<surplus { letGo() }
        if kept.isEmpty { kept = [] }
    }

    /// What a client has missed that expects the event of this number next; nil if that is not known
    /// any more, or was never told.
    package func missed(from sequence: Int) -> [NumberedText]? {
        let oldest = next - keptCount
        guard (oldest...next).contains(sequence) else { return nil }
        return keptTexts.dropFirst(sequence - oldest).enumerated().map { place, event in
            event.numbered(sequence + place)
        }
    }
}
