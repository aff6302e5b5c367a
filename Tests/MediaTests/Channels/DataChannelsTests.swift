import Basics
import Media
import Testing

@Suite struct `Data channels` {
    @Test func `open, carry text, bytes and nothing, and close`() throws {
        var link = ChannelLink()
        let id = try link.left.open(ChannelOpening(label: "calls-dc"), at: link.now)
        #expect(id == 0, "DTLS's client has the even numbers")
        try link.left.send(Array("hé".utf8).span, isText: true, on: id, at: link.now)
        link.run(for: .seconds(1))
        #expect(link.leftEvents == [.connected, .opened(0, ChannelOpening(label: "calls-dc"))])
        #expect(
            link.rightEvents == [
                .connected, .opened(0, ChannelOpening(label: "calls-dc")),
                .message(0, isText: true, Array("hé".utf8)),
            ]
        )
        link.forget()
        try link.right.send([1, 2].span, isText: false, on: id, at: link.now)
        try link.right.send([UInt8]().span, isText: false, on: id, at: link.now)
        try link.right.send([UInt8]().span, isText: true, on: id, at: link.now)
        link.right.close(id)
        link.run(for: .seconds(1))
        #expect(
            link.leftEvents == [
                .message(0, isText: false, [1, 2]), .message(0, isText: false, []),
                .message(0, isText: true, []), .closed(0),
            ]
        )
        #expect(link.rightEvents == [.closed(0)])
        #expect(link.left.deadline == nil && link.right.deadline == nil)
        #expect(link.refusal(on: 0) == .noSuchChannel)
    }

    @Test func `have numbers by role, and use them again`() throws {
        var link = ChannelLink()
        for number in 0..<3 {
            let mine = try link.left.open(ChannelOpening(label: "l\(number)"), at: link.now)
            let theirs = try link.right.open(ChannelOpening(label: "r\(number)"), at: link.now)
            #expect(mine == UInt16(2 * number) && theirs == UInt16(2 * number + 1))
        }
        link.run(for: .seconds(1))
        link.left.close(2)
        link.right.close(3)
        link.run(for: .seconds(2))
        #expect(link.leftEvents.contains(.closed(2)) && link.rightEvents.contains(.closed(2)))
        #expect(link.leftEvents.contains(.closed(3)) && link.rightEvents.contains(.closed(3)))
        link.forget()
        let again = try link.left.open(ChannelOpening(label: "again"), at: link.now)
        #expect(again == 2)
        try link.left.send([5].span, isText: false, on: again, at: link.now)
        link.run(for: .seconds(1))
        #expect(
            link.rightEvents == [
                .opened(2, ChannelOpening(label: "again")), .message(2, isText: false, [5]),
            ]
        )
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `open and close in storms, and nothing is left over`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var link = ChannelLink(seed: seed, weather: seed.isMultiple(of: 2) ? .storm : .rough)
        var open: [UInt16] = []
        for round in 0..<12 {
            if open.count < 4, Bool.random(using: &random) {
                let opening = ChannelOpening(label: "\(round)", isOrdered: round % 2 == 0)
                // Numbers in use on the other side stay taken for a while; then there is no room.
                if let id = try? link.left.open(opening, at: link.now) {
                    try link.left.send([UInt8(round)].span, isText: false, on: id, at: link.now)
                    open.append(id)
                }
            } else if let id = open.randomElement(using: &random) {
                open.removeAll { $0 == id }
                if Bool.random(using: &random) { link.left.close(id) } else { link.right.close(id) }
            }
            link.run(for: .milliseconds(.random(in: 0...600, using: &random)))
        }
        link.run(for: .seconds(60))
        for id in 0..<32 as Range<UInt16> { link.left.close(id) }
        link.run(for: .seconds(60))
        let opened = link.leftEvents.count { if case .opened = $0 { true } else { false } }
        let openedThere = link.rightEvents.count { if case .opened = $0 { true } else { false } }
        let closedThere = link.rightEvents.count { if case .closed = $0 { true } else { false } }
        #expect(openedThere == closedThere)
        #expect(opened <= openedThere)
        // All numbers are free again.
        for _ in 0..<16 { #expect(link.refusalToOpen("x") == nil) }
        #expect(link.refusalToOpen("x") == .tooManyChannels)
    }

    @Test func `carry what comes in any order only as it was asked for`() throws {
        var link = ChannelLink(seed: 5, weather: .storm)
        let opening = ChannelOpening(label: "u", isOrdered: false, reliability: .retransmits(0))
        let id = try link.left.open(opening, at: link.now)
        link.run(for: .seconds(30))
        #expect(link.leftEvents.contains(.opened(id, opening)))
        link.forget()
        for number in 0..<50 as Range<UInt8> {
            try link.left.send([number].span, isText: false, on: id, at: link.now)
            link.run(for: .milliseconds(20))
        }
        link.run(for: .seconds(30))
        let numbers = link.rightEvents.compactMap {
            if case .message(id, isText: false, let bytes) = $0 { bytes.first } else { nil }
        }
        #expect(numbers.count == link.rightEvents.count)
        #expect((15..<50).contains(numbers.count), "of 50 about a third is lost")
        #expect(Set(numbers).count == numbers.count)
        #expect(numbers != numbers.sorted(), "some overtook others")
    }

    @Test func `refuse more than their limits`() throws {
        var configuration = DataChannels.Configuration()
        configuration.maxChannels = 2
        var link = ChannelLink(right: configuration)
        let long = String(repeating: "x", count: 257)
        #expect(link.refusalToOpen(long) == .labelTooLong)
        for number in 0..<4 {
            _ = try link.left.open(ChannelOpening(label: "\(number)"), at: link.now)
        }
        link.run(for: .seconds(5))
        // The two that the right side has no room for are closed again.
        let opened = link.rightEvents.count { if case .opened = $0 { true } else { false } }
        #expect(opened == 2)
        #expect(link.leftEvents.contains(.closed(4)) && link.leftEvents.contains(.closed(6)))
        #expect(link.rightRefusalToOpen("more") == .tooManyChannels)
        let large = [UInt8](repeating: 0, count: 65_537)
        #expect(link.refusal(of: large, on: 0) == .messageTooLarge)
    }

    @Test func `close and tell when the association ends`() throws {
        var link = ChannelLink()
        _ = try link.left.open(ChannelOpening(label: "a"), at: link.now)
        link.run(for: .seconds(1))
        link.forget()
        link.right.close(at: link.now)
        link.run(for: .seconds(5))
        #expect(link.leftEvents == [.closed(0), .ended(.shutDown)])
        #expect(link.rightEvents == [.closed(0), .ended(.shutDown)])
        #expect(link.refusalToOpen("b") == .closed)
    }

    @Test func `are closed by what makes no sense`() throws {
        var peer = ChannelPeer()
        let open = DCEPMessage.open(ChannelOpening(label: "x")).bytes
        peer.say(open, stream: 4, protocol: 50)
        #expect(peer.events == [.connected, .opened(4, ChannelOpening(label: "x"))])
        // A second OPEN on the same stream, bytes that are no message, and a length that lies.
        peer.say(open, stream: 4, protocol: 50)
        #expect(peer.resets == [[4]])
        peer.say([9, 9, 9], stream: 6, protocol: 50)
        peer.say([3, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0], stream: 8, protocol: 50)
        #expect(peer.channels.strayMessages == 3)
        // Messages of channels that were never opened, and of protocols that nobody knows.
        peer.say([1], stream: 10, protocol: 51)
        peer.say(open, stream: 12, protocol: 50)
        peer.say([1], stream: 12, protocol: 52)
        #expect(peer.channels.strayMessages == 5)
        #expect(peer.events.last == .opened(12, ChannelOpening(label: "x")))
        peer.say([0xFF], stream: 12, protocol: 51)
        #expect(peer.events.last == .message(12, isText: true, [0xFF]))
    }

    /// With what it allocates, 2 KiB an end after traffic, measured; this keeps the larger half of it.
    @Test func `cost little at rest`() {
        #expect(MemoryLayout<DataChannels>.size <= 1_280)
    }

    @Test func `stay within their number whatever the peer opens`() {
        var peer = ChannelPeer()
        let open = DCEPMessage.open(ChannelOpening(label: "x")).bytes
        for stream in 0..<90 as Range<UInt16> { peer.say(open, stream: stream, protocol: 50) }
        let opened = peer.events.count { if case .opened = $0 { true } else { false } }
        #expect(opened == 16)
        #expect(peer.channels.strayMessages == 74)
    }
}
