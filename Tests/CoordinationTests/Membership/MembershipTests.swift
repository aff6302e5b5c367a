import Basics
import Coordination
import Rehearsal
import Testing

@Suite struct `A member` {
    private let channel: Channel
    private let other: Channel

    init() throws {
        channel = try #require(Channel("owls"))
        other = try #require(Channel("rooks"))
    }

    @Test func `holds by its lease for a lease's time less the guard, counted from the asking`()
        throws
    {
        var company = try Company(["crow"], pace: strict)
        company.pass(.milliseconds(500))
        company.keepsAnswers = true
        company.pass(.milliseconds(130))
        let held = try #require(company.nodes[0].holdsUntil)
        let asked = company.now
        company.kept = []
        company.pass(.milliseconds(130))
        // R4: the answer comes 200 ms late, and counts from when the question left.
        let late = try #require(company.kept.first)
        company.pass(.milliseconds(200))
        company.tell(late.node, late.event)
        let extended = try #require(company.nodes[0].holdsUntil)
        #expect(extended > held)
        #expect(extended <= asked + .milliseconds(130) + (strict.lease - strict.guardTime))
    }

    @Test func `is not revived by an answer that comes after its right ran out`() throws {
        var company = try Company(["crow"], pace: strict)
        company.pass(.milliseconds(500))
        company.keepsAnswers = true
        company.pass(.milliseconds(130))
        let late = try #require(company.kept.last)
        company.withoutRedis = [0]
        company.now = company.now + .seconds(1)
        company.keepsAnswers = false
        company.tell(late.node, late.event)
        #expect(!company.holds(0))
        #expect(company.nodes[0].membership.life == Life(2))
        #expect(company.news[0].contains(.membership(.fenced(.ranOut))))
    }

    @Test func `lives on promises while Redis is away, and answers for what it has`() throws {
        var company = try Company(["crow", "daw", "jay"], pace: strict)
        company.pass(.seconds(2))
        let mine = company.claim(channel, at: 0)
        company.withoutRedis = [0, 1, 2]
        company.pass(.seconds(30))
        #expect((0..<3).allSatisfy { company.holds($0) })
        #expect(company.claim(channel, at: 0) == mine)
        guard case .theirs(let host, _)? = company.claim(channel, at: 1) else {
            Issue.record("daw does not know where the call is")
            return
        }
        #expect(host == company.id(0))
        guard case .refused(.redisUnreachable(let since))? = company.claim(other, at: 1) else {
            Issue.record("daw places a call without Redis")
            return
        }
        #expect(since > .seconds(29))
    }

    @Test func `fences when it loses both, and the others take over no earlier`() throws {
        var company = try Company(["crow", "daw", "jay"], pace: strict)
        company.pass(.seconds(2))
        _ = company.claim(channel, at: 0)
        company.withoutRedis = [0]
        company.apart = [[0, 1], [0, 2]]
        while company.token(0, channel) != nil {
            #expect(company.token(1, channel) == nil && company.token(2, channel) == nil)
            company.pass(.milliseconds(5))
        }
        company.pass(.milliseconds(600))
        #expect([1, 2].count { company.token($0, channel) != nil } == 1)
    }

    @Test func `contradicts a vote by a new incarnation, and the vote is void`() throws {
        var company = try Company(["crow", "daw", "jay"], pace: strict)
        company.pass(.seconds(2))
        company.apart = [[0, 1]]
        company.pass(.seconds(1))
        // Daw hears nothing of crow, so its vote is to be had.
        company.tell(
            1,
            .heard(.voteRequest(company.id(0), Life(1), Incarnation(1)), from: company.id(2))
        )
        company.apart = []
        company.pass(.seconds(1))
        #expect(company.redis.members[company.id(0)]?.incarnation == Incarnation(2))
        #expect(company.holds(0))
        #expect(company.nodes[0].membership.life == .first)
    }

    /// R3.
    @Test func `is refused by Redis in a life that is over`() throws {
        var company = try Company(["crow"], pace: strict)
        company.pass(.seconds(1))
        company.withoutRedis = [0]
        company.pass(.seconds(1))
        company.withoutRedis = []
        company.pass(.seconds(1))
        #expect(company.redis.members[company.id(0)]?.life ?? .first > .first)
        let late = Registration(
            member: company.id(0),
            life: .first,
            incarnation: .first,
            sequence: 1,
            load: .none,
            card: MemberCard(cluster: "crow:1")
        )
        let answer = company.redis.answer(
            RegistryRequest(
                generation: try #require(company.redis.generation),
                run: company.redis.run,
                order: .register(late)
            )
        )
        #expect(answer == .evicted)
    }

    /// They are in epoch 0 before, and what they make the master may lack what was acknowledged.
    @Test func `begins a generation with the first failover of its Sentinels`() throws {
        var company = try Company(["crow"], pace: strict, hasSentinels: true)
        company.tell(0, .confirmed(epoch: 0, sentAt: company.now))
        company.pass(.milliseconds(300))
        let before = try #require(company.redis.generation)
        company.tell(0, .confirmed(epoch: 1, sentAt: company.now))
        company.pass(.milliseconds(300))
        let after = try #require(company.redis.generation)
        #expect(before < after && after.epoch == 1)
    }

    /// R5 and R6.
    @Test func `lets its lease count no longer than the master was confirmed, from the asking`()
        throws
    {
        var company = try Company(["crow"], pace: strict, hasSentinels: true)
        company.tell(0, .confirmed(epoch: 1, sentAt: company.now))
        for _ in 0..<10 {
            company.pass(.milliseconds(100))
            company.tell(0, .confirmed(epoch: 1, sentAt: company.now))
        }
        let confirmed = company.now
        company.pass(.milliseconds(300))
        #expect(company.nodes[0].holdsUntil == confirmed + strict.confirmation)
        // An answer that was on its way since before the last is worth nothing.
        company.tell(0, .confirmed(epoch: 1, sentAt: confirmed + .milliseconds(-200)))
        #expect(company.nodes[0].holdsUntil == confirmed + strict.confirmation)
        company.pass(.milliseconds(350))
        #expect(!company.holds(0))
    }

    /// R8.
    @Test(arguments: [Pace.lan, .wan])
    func `outlives no eviction by an old master's word`(pace: Pace) {
        #expect(pace.confirmation < pace.lease)
        #expect(pace.lease - pace.guardTime < pace.stall)
    }

    @Test func `that was alone goes on without Redis if it may`() throws {
        var company = try Company(["crow"], pace: .lan)
        company.pass(.seconds(2))
        _ = company.claim(channel, at: 0)
        company.withoutRedis = [0]
        company.pass(.seconds(60))
        #expect(company.token(0, channel) != nil)
        #expect(company.nodes[0].holdsUntil == Instant(nanoseconds: .max))
    }

    @Test func `that was alone stops without Redis if it must`() throws {
        var company = try Company(["crow"], pace: strict)
        company.pass(.seconds(2))
        _ = company.claim(channel, at: 0)
        company.withoutRedis = [0]
        company.pass(.milliseconds(700))
        #expect(company.token(0, channel) == nil)
    }

    @Test func `is refused if another of its name lives`() throws {
        var company = try Company(["crow", "daw"], pace: strict)
        company.pass(.seconds(2))
        try company.add("crow", nonce: 99)
        company.pass(.seconds(1))
        #expect(
            company.news[2] == [
                .membership(.generation(Generation(1))),
                .membership(.refused(namesake: company.id(0))),
            ]
        )
        #expect(company.holds(0))
        #expect(company.redis.members[company.id(2)] == nil)
    }

    @Test func `takes the place of its own former process within two leases`() throws {
        var company = try Company(["crow"], pace: strict)
        company.pass(.seconds(2))
        _ = company.claim(channel, at: 0)
        company.gone = [0]
        try company.add("crow", nonce: 99)
        company.pass(.milliseconds(1_400))
        #expect(company.holds(1))
        #expect(company.redis.members[company.id(0)]?.isAlive == false)
        company.pass(.seconds(1))
        #expect(company.token(1, channel) != nil, "what the former process hosted is taken over")
    }

    @Test func `that leaves takes its record along`() throws {
        var company = try Company(["crow", "daw"], pace: strict)
        company.pass(.seconds(2))
        company.tell(0, .leave)
        company.gone = [0]
        company.pass(.seconds(1))
        #expect(company.redis.members.keys.sorted() == [company.id(1)])
        #expect(company.news[1].contains(.membership(.memberLeft(company.id(0)))))
        #expect(company.holds(1))
    }

    @Test func `keeps no record of the dead for ever`() throws {
        var company = try Company(["crow", "daw", "jay"], pace: strict)
        company.pass(.seconds(2))
        company.gone = [0]
        company.pass(.seconds(3))
        #expect(company.redis.members[company.id(0)]?.isAlive == false)
        company.pass(.seconds(15))
        #expect(company.redis.members.keys.sorted() == [company.id(1), company.id(2)])
    }

    private var strict: Pace {
        var pace = Pace.lan
        pace.continuesAlone = false
        return pace
    }
}
