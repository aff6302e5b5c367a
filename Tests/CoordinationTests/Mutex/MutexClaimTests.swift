import Basics
import Coordination
import Testing

@Suite struct `A claim to a mutex` {
    /// One node's claim, told what happens at which millisecond.
    private struct Node {
        var claim: MutexClaim
        let me: MemberID
        let terms: MutexTerms
        let era: MutexEra

        init(_ terms: MutexTerms = MutexTerms()) throws {
            self.terms = terms
            me = MemberID(name: try #require(NodeName("me")), nonce: 1)
            claim = MutexClaim(.ensureBot, me: me, terms: terms, seed: 1)
            era = MutexEra(generation: Generation(1), run: try #require(RedisRun("a")))
        }

        mutating func tell(_ event: MutexEvent, at milliseconds: Int64) -> [MutexAction] {
            claim.receive(event, at: Self.at(milliseconds))
        }

        /// Answers the first of these questions.
        mutating func answer(
            _ actions: [MutexAction],
            _ answer: MutexAnswer,
            sentAt: Int64,
            at milliseconds: Int64
        ) throws -> [MutexAction] {
            let request = try #require(requests(actions).first)
            let event = MutexEvent.answered(answer, to: request, sentAt: Self.at(sentAt))
            return tell(event, at: milliseconds)
        }

        func requests(_ actions: [MutexAction]) -> [MutexRequest] {
            actions.compactMap { if case .ask(let request) = $0 { request } else { nil } }
        }

        func orders(_ actions: [MutexAction]) -> [MutexOrder] { requests(actions).map(\.order) }

        static func at(_ milliseconds: Int64) -> Instant {
            Instant(nanoseconds: milliseconds * 1_000_000)
        }
    }

    private let first = MutexTicket(number: 1)
    private let second = MutexTicket(number: 2)
    private let fence = Token(generation: Generation(1), count: 7)

    /// A node that has asked, at 10,000 ms, in an era known for long.
    private func asking(_ terms: MutexTerms = MutexTerms()) throws -> (Node, [MutexAction]) {
        var node = try Node(terms)
        #expect(node.tell(.enter(first), at: 10_000) == [], "nobody knows whom to ask")
        let asked = node.tell(.era(node.era, since: Node.at(0)), at: 10_000)
        #expect(node.orders(asked) == [.lock(seizing: nil, isSettled: true)])
        return (node, asked)
    }

    private func holder(
        _ sequence: UInt64,
        nonce: UInt64 = 2,
        life: UInt64 = 1
    ) throws -> MutexHolder {
        let member = MemberID(name: try #require(NodeName("other")), nonce: nonce)
        let owner = MutexOwner(member: member, life: Life(life), round: 1)
        return MutexHolder(owner: owner, fence: fence, sequence: sequence)
    }

    @Test func `holds from the answer on, for a time from its question on`() throws {
        var (node, asked) = try asking()
        let began = try node.answer(asked, .granted(fence), sentAt: 10_000, at: 10_200)
        #expect(began == [.begin(first, fence)])
        #expect(node.claim.fence(of: first, at: Node.at(13_919)) == fence)
        #expect(node.claim.fence(of: first, at: Node.at(13_920)) == nil, "4 s less the guard time")
        #expect(node.claim.deadline == Node.at(11_000), "when it is renewed")
        let renewed = node.tell(.woke, at: 11_000)
        #expect(node.orders(renewed) == [.relock(fence)])
        _ = try node.answer(renewed, .renewed, sentAt: 11_000, at: 11_100)
        #expect(node.claim.holdsUntil == Node.at(14_920))
    }

    @Test func `loses what is not confirmed in time, says so, and lets go`() throws {
        var (node, asked) = try asking()
        _ = try node.answer(asked, .granted(fence), sentAt: 10_000, at: 10_001)
        let renewal = node.tell(.woke, at: 11_000)
        #expect(node.tell(.failed(node.requests(renewal)[0]), at: 11_300) == [])
        #expect(node.claim.deadline == Node.at(11_550), "it asks again soon")
        let lost = node.tell(.woke, at: 13_920)
        #expect(lost.first == .lose(first, .unrenewed))
        #expect(node.orders(lost) == [.unlock(fence)])
        let late = try node.answer(renewal, .renewed, sentAt: 11_000, at: 13_930)
        #expect(late == [] && node.claim.holdsUntil == nil, "no answer brings it back")
    }

    @Test func `believes no grant whose time is over, and asks again`() throws {
        var (node, asked) = try asking()
        let late = try node.answer(asked, .granted(fence), sentAt: 10_000, at: 13_920)
        #expect(node.orders(late) == [.lock(seizing: nil, isSettled: true)])
        let again = try node.answer(late, .granted(fence), sentAt: 13_920, at: 13_921)
        #expect(again == [.begin(first, fence)])
    }

    @Test func `is told when somebody else has it`() throws {
        var (node, asked) = try asking()
        _ = try node.answer(asked, .granted(fence), sentAt: 10_000, at: 10_001)
        let renewal = node.tell(.woke, at: 11_000)
        let lost = try node.answer(renewal, .lost, sentAt: 11_000, at: 11_001)
        #expect(lost == [.lose(first, .taken)])
        #expect(node.claim.isIdle)
    }

    @Test func `holds only while Sentinels name the master`() throws {
        let terms = MutexTerms(confirmation: .milliseconds(600))
        var (node, asked) = try asking(terms)
        let granted = try node.answer(asked, .granted(fence), sentAt: 10_000, at: 10_001)
        #expect(granted == [], "an old master may have granted it")
        let began = node.tell(.confirmed(sentAt: Node.at(10_005)), at: 10_010)
        #expect(began == [.begin(first, fence)])
        #expect(node.claim.holdsUntil == Node.at(10_605))
        _ = node.tell(.confirmed(sentAt: Node.at(10_300)), at: 10_310)
        #expect(node.claim.holdsUntil == Node.at(10_900))
        #expect(node.tell(.woke, at: 10_900).first == .lose(first, .unconfirmed))
    }

    /// An old master goes on granting until it hears that it is one; what Sentinels then say is of the new one.
    @Test func `believes no grant of a Redis that another has followed before it was named`() throws
    {
        var (node, asked) = try asking(MutexTerms(confirmation: .milliseconds(600)))
        _ = try node.answer(asked, .granted(fence), sentAt: 10_000, at: 10_001)
        let next = MutexEra(generation: Generation(1), run: try #require(RedisRun("b")))
        let anew = node.tell(.era(next, since: Node.at(0)), at: 10_010)
        #expect(node.orders(anew) == [.unlock(fence), .lock(seizing: nil, isSettled: true)])
        #expect(node.tell(.confirmed(sentAt: Node.at(10_020)), at: 10_030) == [])
        #expect(node.claim.holdsUntil == nil)
    }

    @Test
    func
        `holds what an old master granted for no longer than that was named, unless the new one agrees`()
        throws
    {
        var (node, asked) = try asking(MutexTerms(confirmation: .milliseconds(600)))
        _ = try node.answer(asked, .granted(fence), sentAt: 10_000, at: 10_001)
        _ = node.tell(.confirmed(sentAt: Node.at(10_005)), at: 10_010)
        let next = MutexEra(generation: Generation(1), run: try #require(RedisRun("b")))
        let again = node.tell(.era(next, since: Node.at(0)), at: 10_100)
        #expect(node.orders(again) == [.relock(fence)])
        _ = node.tell(.confirmed(sentAt: Node.at(10_200)), at: 10_210)
        #expect(node.claim.holdsUntil == Node.at(10_605))
        _ = try node.answer(again, .renewed, sentAt: 10_100, at: 10_220)
        #expect(node.claim.holdsUntil == Node.at(10_800))
    }

    @Test func `seizes only from who has stood still for long enough`() throws {
        var (node, asked) = try asking()
        let still = try holder(1)
        #expect(try node.answer(asked, .busy(still), sentAt: 10_000, at: 10_001) == [])
        var now: Int64 = 10_001
        var seizures: [Int64] = []
        while now < 20_000 {
            now = try #require(node.claim.deadline).nanoseconds / 1_000_000 + 1
            let asked = node.tell(.woke, at: now)
            guard case .lock(let seizing, _) = node.orders(asked).first else { continue }
            if seizing == still { seizures.append(now) }
            // It moves once, and then no more.
            let seen = now < 12_000 ? still : try holder(2)
            if let seizing {
                #expect(seizing == seen && now >= 12_000 + 4_080)
                break
            }
            _ = try node.answer(asked, .busy(seen), sentAt: now, at: now)
        }
        #expect(seizures == [], "it had moved since")
        #expect(now < 17_000, "and was seized in the end")
    }

    @Test func `reads owners as this version and the one before write them`() throws {
        for text in ["crow#00c0ffee00c0ffee/2/17", "crow#00c0ffee00c0ffee/17"] {
            let owner = try #require(MutexOwner(text))
            #expect(owner.description == text && owner.round == 17)
        }
        for text in ["crow#00c0ffee00c0ffee", "crow#00c0ffee00c0ffee/2/17/1", "crow/2/17", "/2/17"]
        {
            #expect(MutexOwner(text) == nil)
        }
    }

    @Test func `takes no holder for dead that names no life, whoever has died`() throws {
        var (node, asked) = try asking()
        var old = try holder(7)
        old.owner.life = nil
        _ = try node.answer(asked, .busy(old), sentAt: 10_000, at: 10_000)
        #expect(node.tell(.died(old.owner.member, .first), at: 10_010) == [])
    }

    @Test func `seizes at once from who is dead`() throws {
        var (node, asked) = try asking()
        let dead = try holder(1)
        _ = try node.answer(asked, .busy(dead), sentAt: 10_000, at: 10_001)
        let other = try holder(1, nonce: 3)
        #expect(node.tell(.died(other.owner.member, .first), at: 10_010) == [])
        let seizing = node.tell(.died(dead.owner.member, .first), at: 10_020)
        #expect(node.orders(seizing) == [.lock(seizing: dead, isSettled: true)])
    }

    @Test func `does not seize from who was dead and has come back, whichever news came first`()
        throws
    {
        var (node, asked) = try asking()
        let back = try holder(1, life: 2)
        _ = try node.answer(asked, .busy(back), sentAt: 10_000, at: 10_001)
        #expect(node.tell(.died(back.owner.member, .first), at: 10_010) == [])
        var (other, askedToo) = try asking()
        let dead = try holder(1)
        _ = try other.answer(askedToo, .busy(dead), sentAt: 10_000, at: 10_001)
        let seizing = other.tell(.died(dead.owner.member, .first), at: 10_010)
        _ = try other.answer(seizing, .busy(back), sentAt: 10_010, at: 10_011)
        #expect(
            other.orders(other.tell(.noticed, at: 10_020)) == [.lock(seizing: nil, isSettled: true)]
        )
    }

    @Test
    func
        `has lost what it held when its node has lost its right, and asks for nothing until it is back`()
        throws
    {
        var (node, asked) = try asking()
        _ = try node.answer(asked, .granted(fence), sentAt: 10_000, at: 10_001)
        _ = node.tell(.enter(second), at: 10_002)
        let lost = node.tell(.fenced, at: 10_010)
        #expect(lost.first == .lose(first, .fenced) && node.orders(lost) == [.unlock(fence)])
        #expect(node.claim.holdsUntil == nil)
        #expect(node.tell(.noticed, at: 10_020) == [])
        let again = node.tell(.joined(Life(2)), at: 10_030)
        #expect(node.requests(again).map(\.owner.life) == [Life(2)])
        #expect(node.orders(again) == [.lock(seizing: nil, isSettled: true)])
    }

    @Test func `gives back what it was granted as another life, and waits anew`() throws {
        var (node, asked) = try asking()
        let anew = node.tell(.joined(Life(2)), at: 10_010)
        #expect(node.orders(anew) == [.quit, .lock(seizing: nil, isSettled: true)])
        let late = try node.answer(asked, .granted(fence), sentAt: 10_000, at: 10_020)
        #expect(node.orders(late) == [.unlock(fence)])
        #expect(node.claim.holdsUntil == nil)
    }

    @Test func `asks at once when it is told of something`() throws {
        var (node, asked) = try asking()
        #expect(node.tell(.noticed, at: 10_001) == [], "a question is under way")
        let again = try node.answer(asked, .busy(try holder(1)), sentAt: 10_000, at: 10_002)
        #expect(node.orders(again) == [.lock(seizing: nil, isSettled: true)])
        _ = try node.answer(again, .busy(try holder(1)), sentAt: 10_002, at: 10_003)
        #expect(node.orders(node.tell(.noticed, at: 10_004)).count == 1)
    }

    @Test func `serves those of its node one after the other`() throws {
        var (node, asked) = try asking()
        #expect(node.tell(.enter(second), at: 10_000) == [])
        _ = try node.answer(asked, .granted(fence), sentAt: 10_000, at: 10_001)
        let left = node.tell(.leave(first), at: 10_050)
        #expect(
            node.orders(left) == [.unlock(fence), .lock(seizing: nil, isSettled: true)],
            "in this order"
        )
        let next = Token(generation: Generation(1), count: 8)
        let lock = try #require(node.requests(left).last)
        #expect(lock.owner.round == second.number)
        let granted = MutexEvent.answered(.granted(next), to: lock, sentAt: Node.at(10_050))
        #expect(node.tell(granted, at: 10_051) == [.begin(second, next)])
    }

    @Test func `leaves the queue with the last who wanted it, and gives back what comes late`()
        throws
    {
        var (node, asked) = try asking()
        let left = node.tell(.leave(first), at: 10_001)
        #expect(node.orders(left) == [.quit])
        let late = try node.answer(asked, .granted(fence), sentAt: 10_000, at: 10_002)
        #expect(node.orders(late) == [.unlock(fence)])
        _ = try node.answer(left, .released, sentAt: 10_001, at: 10_003)
        #expect(!node.claim.isIdle, "the last release is not known to be done")
        _ = try node.answer(late, .lost, sentAt: 10_002, at: 10_004)
        #expect(node.claim.isIdle)
    }

    @Test func `says again what it holds when Redis may have forgotten it`() throws {
        var (node, asked) = try asking()
        _ = try node.answer(asked, .granted(fence), sentAt: 10_000, at: 10_001)
        #expect(node.tell(.era(nil, since: Node.at(0)), at: 10_100) == [])
        let next = MutexEra(generation: Generation(2), run: try #require(RedisRun("b")))
        let again = node.tell(.era(next, since: Node.at(10_200)), at: 10_200)
        #expect(node.requests(again).map(\.era) == [next])
        #expect(node.orders(again) == [.relock(fence)])
    }

    @Test func `refuses those for whom there is no place`() throws {
        var (node, asked) = try asking()
        _ = node.tell(.enter(second), at: 10_000)
        let refused = try node.answer(asked, .full, sentAt: 10_000, at: 10_001)
        #expect(refused.prefix(2) == [.refuse(first), .refuse(second)])
    }
}
