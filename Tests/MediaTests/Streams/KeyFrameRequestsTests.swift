import Basics
import Media
import Testing

@Suite struct `Key frame requests` {
    @Test func `reach the publisher at once`() {
        var requests = KeyFrameRequests()
        #expect(requests.deadline == nil)
        #expect(requests.request(at: .milliseconds(7)) == true)
        #expect(requests.asked == 1 && requests.requested == 1)
    }

    @Test func `of many viewers are one`() {
        var requests = KeyFrameRequests()
        let asked = (0..<100).count { _ in requests.request(at: .milliseconds(0)) }
        #expect(asked == 1 && requests.merged == 99)
    }

    @Test func `are repeated each second until a key frame comes`() {
        var requests = KeyFrameRequests()
        _ = requests.request(at: .milliseconds(0))
        #expect(requests.deadline == .milliseconds(1_000))
        #expect(requests.advance(to: .milliseconds(999)) == false)
        #expect(requests.advance(to: .milliseconds(1_000)) == true)
        #expect(requests.deadline == .milliseconds(2_000))
        requests.keyFrameCame()
        #expect(requests.deadline == nil)
        #expect(requests.advance(to: .milliseconds(2_000)) == false)
    }

    @Test func `wait until half a second after the last`() {
        var requests = KeyFrameRequests()
        _ = requests.request(at: .milliseconds(0))
        requests.keyFrameCame()
        #expect(requests.request(at: .milliseconds(100)) == false)
        #expect(requests.deadline == .milliseconds(500))
        #expect(requests.advance(to: .milliseconds(500)) == true)
    }

    @Test func `are met by a key frame that comes while they wait`() {
        var requests = KeyFrameRequests()
        _ = requests.request(at: .milliseconds(0))
        requests.keyFrameCame()
        _ = requests.request(at: .milliseconds(100))
        requests.keyFrameCame()
        #expect(requests.deadline == nil)
    }

    @Test func `end after ten in vain, until somebody asks anew`() {
        var requests = KeyFrameRequests()
        _ = requests.request(at: .milliseconds(0))
        var asked = 1
        for second in 1..<100 where requests.advance(to: .milliseconds(second * 1_000)) {
            asked += 1
        }
        #expect(asked == 10 && requests.deadline == nil)
        #expect(requests.request(at: .milliseconds(100_000)) == true)
    }

    @Test(arguments: UInt64(0)..<200)
    func `never number more than two a second`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var requests = KeyFrameRequests()
        var asked: [Int] = []
        for time in stride(from: 0, to: 20_000, by: 20) {
            var isAsked = requests.advance(to: .milliseconds(time))
            if random.happens(40), requests.request(at: .milliseconds(time)) { isAsked = true }
            if isAsked { asked.append(time) }
            if random.happens(3) { requests.keyFrameCame() }
        }
        let tooSoon = zip(asked, asked.dropFirst()).filter { $1 - $0 < 500 }
        #expect(tooSoon.isEmpty && asked.count >= 10, "seed \(seed)")
        #expect(requests.asked == UInt64(asked.count), "seed \(seed)")
    }
}
