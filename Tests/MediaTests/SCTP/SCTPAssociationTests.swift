import Basics
import Media
import Testing

@Suite struct `An SCTP association` {
    @Test func `comes to be in four packets`() {
        var link = SimulatedLink()
        link.left.connect(at: link.now)
        link.run(for: .seconds(1))
        #expect(link.leftEvents == [.connected])
        #expect(link.rightEvents == [.connected])
        #expect(link.packetsFromLeft.map { $0[12] } == [1, 10])
        #expect(link.packetsFromRight.map { $0[12] } == [2, 11])
        #expect(link.left.deadline == nil && link.right.deadline == nil, "nothing is awaited")
    }

    @Test func `carries a message each way`() throws {
        var link = SimulatedLink.connected()
        let (question, answer): ([UInt8], [UInt8]) = (Array("ping".utf8), Array("pong".utf8))
        try link.left.send(question.span, stream: 3, payloadProtocol: 51, at: link.now)
        try link.right.send(answer.span, stream: 3, payloadProtocol: 51, at: link.now)
        link.run(for: .seconds(1))
        #expect(link.rightEvents.messages.map(\.bytes) == [question])
        #expect(link.leftEvents.messages.map(\.bytes) == [answer])
        #expect(link.left.bufferedBytes == 0)
        #expect(link.left.deadline == nil && link.right.deadline == nil, "nothing is awaited")
    }

    @Test func `carries a message that is as large as may be`() throws {
        var link = SimulatedLink.connected()
        let bytes = (0..<65_536).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        try link.left.send(bytes.span, stream: 0, payloadProtocol: 53, at: link.now)
        link.run(for: .seconds(1))
        #expect(link.rightEvents.messages.map(\.bytes) == [bytes])
        #expect(link.left.counts.chunksRetransmitted == 0)
    }
}
