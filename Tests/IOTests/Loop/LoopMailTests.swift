import Basics
import IO
import Synchronization
import Testing

@Suite struct `Mail between loops` {
    @Test func `arrives whole and in order`() async throws {
        let (writer, reader) = (try Loop(index: 0), try Loop(index: 1))
        defer { for loop in [writer, reader] { loop.stop() } }
        let mail = try LoopMail(to: reader)
        let post = Post()
        let letters = (0..<100).map { Letter(number: $0, body: body($0, 20 * $0)) }
        try await reader.run { try mail.open(post) }
        await writer.run {
            for letter in letters { #expect(letter.push(into: mail)) }
            mail.ring()
        }
        #expect(await reader.eventually { post.letters.count == 100 })
        #expect(post.letters == letters)
        await reader.run { mail.close() }
    }

    @Test func `written before anybody reads is kept`() async throws {
        let reader = try Loop()
        defer { reader.stop() }
        let mail = try LoopMail(capacity: 4_096, to: reader)
        let post = Post()
        let letter = Letter(number: 1, body: [])
        try await reader.run {
            #expect(letter.push(into: mail))
            mail.ring()
            try mail.open(post)
        }
        #expect(await reader.eventually { post.letters == [letter] })
    }

    @Test func `beyond what the ring holds is dropped and counted`() async throws {
        let reader = try Loop()
        defer { reader.stop() }
        let mail = try LoopMail(capacity: 4_096, to: reader)
        let post = Post()
        // 16 bytes before, 16 of header, 224 of body: sixteen of them fill the ring.
        let letters = (0..<20).map { Letter(number: $0, body: body($0, 224)) }
        let taken = await reader.run { letters.map { $0.push(into: mail) } }
        #expect(taken == (0..<20).map { $0 < 16 })
        #expect(await reader.run { mail.dropped } == 4)
        try await reader.run { try mail.open(post) }
        #expect(await reader.eventually { post.letters.count == 16 })
        #expect(post.letters == Array(letters[..<16]))
        #expect(await reader.run { letters[16].push(into: mail) })
    }

    /// Records of all sizes pass the end of the memory at every offset, while both sides run.
    @Test(arguments: 0..<4 as Range<UInt64>)
    func `is the same on both sides while both run`(seed: UInt64) async throws {
        let (writer, reader) = (try Loop(index: 0), try Loop(index: 1))
        defer { for loop in [writer, reader] { loop.stop() } }
        let mail = try LoopMail(capacity: 8_192, to: reader)
        let post = Post(mostPerVisit: seed % 2 == 0 ? 3 : .max)
        try await reader.run { try mail.open(post) }
        let sent = await writer.run {
            var random = SeededRandom(seed: seed)
            var sent: [Letter] = []
            for number in 0..<5_000 {
                let size = Int.random(in: 0...1_300, using: &random)
                let letter = Letter(number: number, body: body(number, size))
                if letter.push(into: mail) { sent.append(letter) }
                if Int.random(in: 0..<4, using: &random) == 0 { mail.ring() }
            }
            mail.ring()
            return sent
        }
        #expect(await reader.eventually { post.letters.count == sent.count })
        #expect(post.letters == sent)
        #expect(await writer.run { mail.dropped } == UInt64(5_000 - sent.count))
    }

    /// A bell that is missed once leaves the letter lying: each waits for the answer to the last.
    @Test func `wakes a reader that has just gone to sleep`() async throws {
        let (writer, reader) = (try Loop(index: 0), try Loop(index: 1))
        defer { for loop in [writer, reader] { loop.stop() } }
        let (there, back) = (try LoopMail(to: reader), try LoopMail(to: writer))
        let far = Post { letter in
            letter.push(into: back)
            back.ring()
        }
        let near = Post { letter in
            guard letter.number < 5_000 else { return }
            Letter(number: letter.number + 1, body: []).push(into: there)
            there.ring()
        }
        try await reader.run { try there.open(far) }
        try await writer.run {
            try back.open(near)
            Letter(number: 0, body: []).push(into: there)
            there.ring()
        }
        #expect(await reader.eventually { near.letters.count == 5_001 })
        // They hold each other.
        await reader.run { there.close() }
        await writer.run { back.close() }
    }

    private func body(_ number: Int, _ size: Int) -> [UInt8] {
        [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size)
    }
}

private struct Letter: Hashable, Sendable {
    var number: Int
    var body: [UInt8]

    @discardableResult
    func push(into mail: LoopMail) -> Bool {
        unsafe withUnsafeBytes(of: number) { header in
            unsafe body.withUnsafeBytes { unsafe mail.push(header, $0) }
        }
    }
}

private final class Post: LoopMailReceiver, Sendable {
    private let mostPerVisit: Int
    private let answer: @Sendable (Letter) -> Void
    private let state = Mutex<[Letter]>([])

    init(mostPerVisit: Int = .max, answer: @escaping @Sendable (Letter) -> Void = { _ in }) {
        self.mostPerVisit = mostPerVisit
        self.answer = answer
    }

    var letters: [Letter] { state.withLock { $0 } }

    func mailArrived(_ records: inout LoopMail.Records, at now: Instant) {
        var taken = 0
        while taken < mostPerVisit, let record = unsafe records.next() {
            taken += 1
            let number = unsafe record.header.load(as: Int.self)
            let letter = Letter(number: number, body: unsafe [UInt8](record.body))
            state.withLock { $0.append(letter) }
            answer(letter)
        }
    }
}
