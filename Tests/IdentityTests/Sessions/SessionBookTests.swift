import Basics
import Identity
import Testing

@Suite struct `A session book` {
    private let ana = person("ana")
    private let limits = SessionBook.Limits(
        longestLife: 1_000,
        longestIdle: 100,
        perPerson: 2,
        inAll: 4
    )

    @Test func `finds a session by the token it gave out, and by no other`() {
        var random = SeededRandom(seed: 1)
        var book = SessionBook(limits: limits)
        let begun = book.begin(for: ana, at: at(0), using: &random)
        #expect(begun.actions == [])
        #expect(book.find(begun.token, at(50))?.principal == ana)
        #expect(book.find(Secret("abcdefghijklmnopqrstuvwxyz"), at(50)) == nil)
        #expect(book.find(Secret(""), at(50)) == nil)
        #expect(begun.token != begun.session.csrf)
    }

    @Test func `takes back a stored session, unless it runs or is over`() {
        var random = SeededRandom(seed: 1)
        var first = SessionBook(limits: limits)
        let begun = first.begin(for: ana, at: at(0), using: &random)
        var book = SessionBook(limits: limits)
        #expect(book.take(begun.session, at: at(150)) == [])
        #expect(book.count == 0)
        #expect(book.take(begun.session, at: at(50)) == [])
        #expect(book.take(begun.session, at: at(50)) == [])
        #expect(book.count == 1)
        #expect(book.find(begun.token, at(60))?.principal == ana)
    }

    @Test func `holds running sessions to limits that have changed`() {
        var random = SeededRandom(seed: 1)
        var book = SessionBook(limits: limits)
        let begun = book.begin(for: ana, at: at(0), using: &random)
        var tighter = limits
        tighter.longestLife = 40
        book.apply(tighter)
        #expect(book.find(begun.token, at(39)) != nil)
        #expect(book.find(begun.token, at(40)) == nil)
    }

    @Test func `keeps no token`() {
        var random = SeededRandom(seed: 1)
        var book = SessionBook(limits: limits)
        let begun = book.begin(for: ana, at: at(0), using: &random)
        var dumped = ""
        dump(book.snapshot, to: &dumped)
        #expect(!dumped.contains(begun.token.revealedText))
        #expect(!dumped.contains(begun.session.csrf.revealedText))
    }

    @Test func `ends a session that nobody uses`() {
        var random = SeededRandom(seed: 1)
        var book = SessionBook(limits: limits)
        let begun = book.begin(for: ana, at: at(0), using: &random)
        #expect(book.find(begun.token, at(99)) != nil)
        #expect(book.deadline == at(199))
        #expect(book.find(begun.token, at(199)) == nil)
        #expect(book.receive(.woke, at: at(198)) == [])
        #expect(book.receive(.woke, at: at(199)) == [.end(begun.session.key)])
        #expect(book.deadline == nil)
        #expect(book.count == 0)
    }

    @Test func `ends a session in the end, however busy`() {
        var random = SeededRandom(seed: 1)
        var book = SessionBook(limits: limits)
        let begun = book.begin(for: ana, at: at(0), using: &random)
        for second in stride(from: Int64(50), to: 1_000, by: 50) {
            #expect(book.find(begun.token, at(second)) != nil)
        }
        #expect(book.runs(begun.session.key, at: at(999)))
        #expect(!book.runs(begun.session.key, at: at(1_000)))
        #expect(book.find(begun.token, at(1_000)) == nil)
    }

    @Test func `ends the session a person began first, when they begin one too many`() {
        var random = SeededRandom(seed: 1)
        var book = SessionBook(limits: limits)
        let first = book.begin(for: ana, at: at(0), using: &random)
        let second = book.begin(for: ana, at: at(1), using: &random)
        _ = book.find(first.token, at(2))
        let third = book.begin(for: ana, at: at(3), using: &random)
        #expect(third.actions == [.end(first.session.key)])
        #expect(book.find(first.token, at(4)) == nil)
        #expect(book.find(second.token, at(4)) != nil)
    }

    @Test func `ends the session unseen for longest, when it is full`() {
        var random = SeededRandom(seed: 1)
        var book = SessionBook(limits: limits)
        let begun = (0..<4).map { index in
            book.begin(for: person("person \(index)"), at: at(Int64(index)), using: &random)
        }
        _ = book.find(begun[0].token, at(10))
        let fifth = book.begin(for: ana, at: at(11), using: &random)
        #expect(fifth.actions == [.end(begun[1].session.key)])
        #expect(book.count == 4)
    }

    @Test func `ends what it is told to`() {
        var random = SeededRandom(seed: 1)
        var book = SessionBook(limits: limits)
        let first = book.begin(for: ana, at: at(0), using: &random)
        let second = book.begin(for: ana, at: at(0), using: &random)
        let other = book.begin(for: person("ben"), at: at(0), using: &random)
        #expect(book.revoke(first.session.key) == [.end(first.session.key)])
        #expect(book.revoke(first.session.key) == [])
        #expect(book.revokeAll(of: ana.id) == [.end(second.session.key)])
        #expect(book.find(other.token, at(1)) != nil)
    }

    @Test func `goes on where it was after a restart`() {
        var random = SeededRandom(seed: 1)
        var book = SessionBook(limits: limits)
        let old = book.begin(for: ana, at: at(0), using: &random)
        let new = book.begin(for: ana, at: at(60), using: &random)
        var again = SessionBook(restoring: book.snapshot, limits: limits, at: at(110))
        #expect(again.find(old.token, at(110)) == nil)
        #expect(again.find(new.token, at(110))?.csrf == new.session.csrf)
        #expect(Session.Key(bytes: new.session.key.bytes) == new.session.key)
        #expect(Session.Key(bytes: [1]) == nil)
    }

    @Test func `keeps its limits when it is restored under smaller ones`() {
        var random = SeededRandom(seed: 1)
        var book = SessionBook(limits: SessionBook.Limits())
        var tokens: [Secret] = []
        for second in 0..<Int64(10) {
            tokens.append(book.begin(for: ana, at: at(second), using: &random).token)
        }
        for second in 10..<Int64(13) {
            let other = person("person \(second)")
            tokens.append(book.begin(for: other, at: at(second), using: &random).token)
        }
        var again = SessionBook(restoring: book.snapshot.reversed(), limits: limits, at: at(20))
        #expect(again.count == 4)
        let left = tokens.map { again.find($0, at(20)) != nil }
        #expect(left.suffix(4) == [true, true, true, true])
    }

    /// Plays the same history to the book and to an array that is searched from end to end.
    @Test(arguments: UInt64(0)..<200)
    func `agrees with a list of everything that happened`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let limits = SessionBook.Limits(
            longestLife: .random(in: 1...500, using: &random),
            longestIdle: .random(in: 1...200, using: &random),
            perPerson: .random(in: 1...4, using: &random),
            inAll: .random(in: 1...8, using: &random)
        )
        var book = SessionBook(limits: limits)
        var model = Model(limits: limits)
        var now: Int64 = 0
        var tokens: [Secret] = [Secret("")]
        for step in 0..<300 {
            now += .random(in: 0...20, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<3:
                let who = person("person \(Int.random(in: 0..<5, using: &random))")
                let begun = book.begin(for: who, at: at(now), using: &random)
                model.begin(begun.session, token: begun.token, at: now)
                tokens.append(begun.token)
            case 3 where !model.kept.isEmpty:
                let key = model.kept[Int.random(in: 0..<model.kept.count, using: &random)].key
                _ = book.revoke(key)
                model.kept.removeAll { $0.key == key }
            case 4:
                let who = person("person \(Int.random(in: 0..<5, using: &random))")
                _ = book.revokeAll(of: who.id)
                model.kept.removeAll { $0.person == who.id }
            case 5:
                _ = book.receive(.woke, at: at(now))
            case 6:
                book = SessionBook(restoring: book.snapshot, limits: limits, at: at(now))
                model.expire(at: now)
            default:
                let token = tokens[Int.random(in: 0..<tokens.count, using: &random)]
                #expect((book.find(token, at(now)) != nil) == model.use(token, at: now))
            }
            #expect(book.count <= limits.inAll)
            let running = model.kept.filter { !model.isOver($0, at: now) }
            for kept in running {
                #expect(book.runs(kept.key, at: at(now)), "seed \(seed), step \(step)")
            }
            let others = book.snapshot.filter { session in
                book.runs(session.key, at: at(now)) && !running.contains { $0.key == session.key }
            }
            #expect(others.isEmpty, "seed \(seed), step \(step)")
        }
    }
}

/// Sessions in an array, used last last.
private struct Model {
    struct Kept {
        var key: Session.Key
        var token: Secret
        var person: Identifier
        var began: Int64
        var seen: Int64
        var number: Int
    }

    let limits: SessionBook.Limits
    var kept: [Kept] = []
    var number = 0

    func isOver(_ kept: Kept, at now: Int64) -> Bool {
        now >= kept.began + limits.longestLife || now >= kept.seen + limits.longestIdle
    }

    /// What the book frees: from the end unseen for longest on, while it is over.
    mutating func expire(at now: Int64) {
        kept = kept.filter { !isOver($0, at: now) }
    }

    mutating func begin(_ session: Session, token: Secret, at now: Int64) {
        while let first = kept.first, isOver(first, at: now) { kept.removeFirst() }
        let mine = kept.filter { $0.person == session.principal.id }
        if mine.count >= limits.perPerson, let oldest = mine.min(by: { $0.number < $1.number }) {
            kept.removeAll { $0.key == oldest.key }
        }
        if kept.count == limits.inAll { kept.removeFirst() }
        number += 1
        kept.append(
            Kept(
                key: session.key,
                token: token,
                person: session.principal.id,
                began: now,
                seen: now,
                number: number
            )
        )
    }

    mutating func use(_ token: Secret, at now: Int64) -> Bool {
        guard let place = kept.firstIndex(where: { $0.token == token }),
            !isOver(kept[place], at: now)
        else { return false }
        var used = kept.remove(at: place)
        used.seen = now
        kept.append(used)
        return true
    }
}

extension SessionBook {
    fileprivate mutating func find(_ token: Secret, _ now: WallTime) -> Session? {
        session(token: token.revealed.span, at: now)
    }
}

func at(_ seconds: Int64) -> WallTime { WallTime(seconds: seconds) }

func person(_ name: String) -> Principal {
    Principal(
        id: Identifier(naming: name, as: .person),
        username: name,
        displayName: name,
        provider: .dev,
        rightsElsewhere: .all
    )
}
