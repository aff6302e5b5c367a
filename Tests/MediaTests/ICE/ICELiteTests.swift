import Basics
import Media
import Testing

private let ours = ICECredentials.seeded(1)
private let path = DatagramPath.number(1_000)
private let other = DatagramPath.number(2_000)

@Suite struct `An agent of ICE-lite` {
    @Test func `answers a check with the address it came from`() throws {
        var agent = ICELite(ours, remoteUfrag: "peer", at: .start)
        let outcome = try agent.hear(ICECheck(to: ours), from: path)
        #expect(outcome.event == .checked(path))
        #expect(agent.has(path))
        #expect(agent.selected == nil)
        let answer = try STUNMessage(outcome.answer.span)
        #expect(answer.kind == .success)
        #expect(answer.method == .binding)
        #expect(answer.transaction == STUNTransactionID(high: 1, low: 2))
        #expect(answer.address(.xorMappedAddress) == path.remote)
        #expect(answer.isVouched(by: STUNKey(password: ours.password)) == true)
        #expect(answer.hasValidFingerprint == true)
    }

    @Test func `answers over IPv6 and TCP alike`() throws {
        let remote = SocketAddress(ip: IPAddress(v6: 0x2001_0DB8_0000_0000, 7), port: 9)
        let tcp = DatagramPath(remote: remote, local: 3, stream: 12)
        var agent = ICELite(ours, at: .start)
        let outcome = try agent.hear(ICECheck(to: ours, nominates: true), from: tcp)
        #expect(outcome.event == .nominated(tcp))
        #expect(try STUNMessage(outcome.answer.span).address(.xorMappedAddress) == remote)
        var udp = tcp
        udp.stream = 0
        #expect(!agent.has(udp), "the same address by other means is another path")
        agent.forget(tcp)
        #expect(agent.selected == nil)
        #expect(!agent.has(tcp))
    }

    @Test func `never says more than it was asked`() throws {
        var agent = ICELite(ours, at: .start)
        let v6 = SocketAddress(ip: IPAddress(v6: 0x2001_0DB8_0000_0000, 7), port: 9)
        var checks = [ICECheck(to: ours), ICECheck(to: ours, from: "p", nominates: true)]
        checks[1].priority = nil
        var conflict = ICECheck(to: ours)
        conflict.role = .iceControlled
        checks.append(conflict)
        for count in 1...8 {
            var strange = ICECheck(to: ours)
            strange.unknown = (0..<count).map { 0x7F00 + UInt16($0) }
            checks.append(strange)
        }
        for check in checks {
            let bytes = check.bytes
            let from = DatagramPath(remote: v6, local: 0, stream: 0)
            let outcome = try agent.hear(bytes, from: from, at: .start)
            #expect(!outcome.answer.isEmpty)
            #expect(outcome.answer.count <= bytes.count)
        }
    }

    @Test func `selects the path that the peer nominates`() throws {
        var agent = ICELite(ours, remoteUfrag: "peer", at: .start)
        _ = try agent.hear(ICECheck(to: ours), from: path)
        let outcome = try agent.hear(ICECheck(to: ours, nominates: true), from: path)
        #expect(outcome.event == .nominated(path))
        #expect(agent.selected == path)
        let again = try agent.hear(ICECheck(to: ours, nominates: true), from: path)
        #expect(again.event == .none)
    }

    @Test func `follows a peer whose address changes, and keeps the old one for a while`() throws {
        var agent = ICELite(ours, remoteUfrag: "peer", at: .start)
        _ = try agent.hear(ICECheck(to: ours, nominates: true), from: path)
        let moved = Instant.start + .seconds(20)
        let outcome = try agent.hear(ICECheck(to: ours, nominates: true), from: other, at: moved)
        #expect(outcome.event == .nominated(other))
        #expect(agent.selected == other)
        #expect(agent.has(path), "what was underway still arrives")
        #expect(agent.deadline == moved + ICELite.afterglow)
        agent.advance(to: moved + .milliseconds(4_999))
        #expect(agent.has(path))
        agent.advance(to: moved + ICELite.afterglow)
        #expect(!agent.has(path))
        #expect(agent.has(other))
    }

    @Test func `takes the better of two paths that are nominated at once`() throws {
        var agent = ICELite(ours, remoteUfrag: "peer", at: .start)
        var good = ICECheck(to: ours, nominates: true)
        good.priority = 2_000
        var poor = good
        poor.priority = 1_000
        #expect(try agent.hear(poor, from: path).event == .nominated(path))
        let soon = Instant.start + .milliseconds(20)
        #expect(try agent.hear(good, from: other, at: soon).event == .nominated(other))
        #expect(try agent.hear(poor, from: path, at: soon + .milliseconds(20)).event == .none)
        #expect(agent.selected == other)
        // But if the good one falls silent, the poor one it is.
        let later = soon + .seconds(1)
        #expect(try agent.hear(poor, from: path, at: later).event == .nominated(path))
    }

    @Test func `tells a peer that thinks it is controlled to think again`() throws {
        var agent = ICELite(ours, remoteUfrag: "peer", at: .start)
        var check = ICECheck(to: ours, nominates: true)
        check.role = .iceControlled
        let outcome = try agent.hear(check, from: path)
        #expect(outcome.event == .conflict)
        #expect(!agent.has(path), "its check has not passed")
        let answer = try STUNMessage(outcome.answer.span)
        #expect(answer.kind == .failure)
        #expect(answer.error?.code == 487)
        #expect(answer.isVouched(by: STUNKey(password: ours.password)) == true)
        check.role = .iceControlling
        #expect(try agent.hear(check, from: path).event == .nominated(path))
    }

    @Test func `names what it does not know, but only to the peer`() throws {
        var agent = ICELite(ours, at: .start)
        var check = ICECheck(to: ours)
        check.unknown = [0x7F01, 0x7F02]
        let outcome = try agent.hear(check, from: path)
        #expect(outcome.event == .unknownAttributes)
        let answer = try STUNMessage(outcome.answer.span)
        #expect(answer.error?.code == 420)
        #expect(answer.copy(of: .unknownAttributes) == [0x7F, 1, 0x7F, 2])
        #expect(!agent.has(path))
        check.password = "of somebody else altogether"
        #expect(try agent.hear(check, from: path).answer.isEmpty)
        var fine = ICECheck(to: ours)
        fine.unknown = [0xC057, 0x8030]
        #expect(try agent.hear(fine, from: path).event == .checked(path))
    }

    @Test func `takes a check before it knows the peer's name`() throws {
        var agent = ICELite(ours, at: .start)
        #expect(try agent.hear(ICECheck(to: ours, from: "any"), from: path).event == .checked(path))
        agent.expect(remoteUfrag: "peer")
        let outcome = try agent.hear(ICECheck(to: ours, from: "any"), from: other)
        #expect(outcome.event == .refused(.username))
        #expect(try agent.hear(ICECheck(to: ours), from: other).event == .checked(other))
    }

    @Test func `expires when the peer is silent, and lives by anything authentic`() throws {
        var agent = ICELite(ours, remoteUfrag: "peer", consent: .seconds(15), at: .start)
        #expect(agent.deadline == .start + .seconds(15))
        _ = try agent.hear(
            ICECheck(to: ours, nominates: true),
            from: path,
            at: .start + .seconds(10)
        )
        #expect(!agent.isExpired(at: .start + .seconds(24)))
        #expect(agent.deadline == .start + .seconds(25))
        #expect(agent.isExpired(at: .start + .seconds(25)))
        agent.noteLife(at: .start + .seconds(20))
        #expect(!agent.isExpired(at: .start + .seconds(34)))
        #expect(agent.lastHeard == .start + .seconds(20))
        // A stranger's message is no sign of life.
        var forged = ICECheck(to: ours)
        forged.password = "of somebody else altogether"
        _ = try agent.hear(forged, from: path, at: .start + .seconds(34))
        #expect(agent.isExpired(at: .start + .seconds(35)))
    }

    @Test func `says for whom a check is`() throws {
        let bytes = ICECheck(to: ours).bytes
        let message = try STUNMessage(bytes.span)
        guard let name = message.ufrag else {
            Issue.record("it names nobody")
            return
        }
        let letters = name.indices.map { name[$0] }
        #expect(letters == Array(ours.ufrag.utf8))
        var nameless = ICECheck(to: ours)
        nameless.username = "nocolon"
        let other = nameless.bytes
        let isNamed = try STUNMessage(other.span).ufrag != nil
        #expect(!isNamed)
    }
}

@Suite struct `An agent of ICE-lite in a restart` {
    private let new = ICECredentials.seeded(2)

    @Test func `takes old and new credentials until a check with the new ones nominates`() throws {
        var agent = ICELite(ours, remoteUfrag: "peer", at: .start)
        _ = try agent.hear(ICECheck(to: ours, nominates: true), from: path)
        agent.restart(new, remoteUfrag: "again")
        #expect(agent.credentials == new)
        #expect(agent.ufrags == [new.ufrag, ours.ufrag])
        #expect(agent.selected == path, "media goes on where it went")

        #expect(try agent.hear(ICECheck(to: ours, nominates: true), from: path).event == .none)
        let check = ICECheck(to: new, from: "again")
        let outcome = try agent.hear(check, from: other)
        #expect(outcome.event == .checked(other))
        #expect(
            try STUNMessage(outcome.answer.span).isVouched(by: STUNKey(password: new.password))
                == true
        )
        #expect(agent.ufrags.count == 2)

        let nominating = ICECheck(to: new, from: "again", nominates: true)
        #expect(try agent.hear(nominating, from: other).event == .nominated(other))
        #expect(agent.ufrags == [new.ufrag])
        let late = try agent.hear(ICECheck(to: ours, nominates: true), from: path)
        #expect(late.event == .refused(.username))
    }

    @Test func `believes each name with its own password only`() throws {
        var agent = ICELite(ours, at: .start)
        agent.restart(new)
        var mixed = ICECheck(to: ours)
        mixed.password = new.password
        #expect(try agent.hear(mixed, from: path).event == .refused(.integrity))
        mixed = ICECheck(to: new)
        mixed.password = ours.password
        #expect(try agent.hear(mixed, from: path).event == .refused(.integrity))
    }

    @Test func `may keep its path`() throws {
        var agent = ICELite(ours, at: .start)
        _ = try agent.hear(ICECheck(to: ours, nominates: true), from: path)
        agent.restart(new)
        #expect(try agent.hear(ICECheck(to: new, nominates: true), from: path).event == .none)
        #expect(agent.ufrags == [new.ufrag])
        #expect(agent.selected == path)
    }
}

@Suite struct `An agent of ICE-lite among strangers` {
    struct Stranger: Sendable {
        var name: String
        var refusal: ICELite.Refusal
        var change: @Sendable (inout ICECheck) -> Void
    }

    @Test(arguments: [
        Stranger(name: "another ufrag", refusal: .username) { $0.username = "wrong:peer" },
        Stranger(name: "a longer ufrag", refusal: .username) { $0.username = "x" + $0.username },
        Stranger(name: "another peer", refusal: .username) { $0.username += "x" },
        Stranger(name: "no peer", refusal: .username) { $0.username = ours.ufrag },
        Stranger(name: "an empty peer", refusal: .username) { $0.username = ours.ufrag + ":" },
        Stranger(name: "no name", refusal: .username) { $0.username = "" },
        Stranger(name: "another password", refusal: .integrity) { $0.password += "x" },
        Stranger(name: "no integrity", refusal: .integrity) { $0.hasIntegrity = false },
        Stranger(name: "no fingerprint", refusal: .fingerprint) { $0.hasFingerprint = false },
        Stranger(name: "an answer", refusal: .notARequest) { $0.kind = .success },
        Stranger(name: "an indication", refusal: .notARequest) { $0.kind = .indication },
        Stranger(name: "an allocation", refusal: .notARequest) { $0.method = .allocate },
    ])
    func `meets them with silence`(stranger: Stranger) throws {
        var agent = ICELite(ours, remoteUfrag: "peer", at: .start)
        _ = try agent.hear(ICECheck(to: ours, nominates: true), from: path)
        var check = ICECheck(to: ours, nominates: true)
        stranger.change(&check)
        let outcome = try agent.hear(check, from: other, at: .start + .seconds(1))
        #expect(outcome.event == .refused(stranger.refusal))
        #expect(outcome.answer.isEmpty)
        #expect(!agent.has(other))
        #expect(agent.selected == path)
        #expect(agent.lastHeard == .start)
    }

    @Test func `does not answer a check that was changed anywhere`() throws {
        let original = ICECheck(to: ours, nominates: true).bytes
        for bit in 0..<original.count * 8 {
            var bytes = original
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            var agent = ICELite(ours, remoteUfrag: "peer", at: .start)
            do throws(STUNFault) {
                let outcome = try agent.hear(bytes, from: other, at: .start)
                #expect(outcome.answer.isEmpty, "bit \(bit)")
            } catch {
                #expect(!agent.has(other))
            }
        }
    }

    @Test func `remembers sixteen paths, the selected one among them`() throws {
        var agent = ICELite(ours, remoteUfrag: "peer", at: .start)
        _ = try agent.hear(ICECheck(to: ours, nominates: true), from: path)
        for number in UInt16(1)...500 {
            let now = Instant.start + .milliseconds(number)
            _ = try agent.hear(ICECheck(to: ours), from: .number(number), at: now)
            #expect(agent.pathCount <= ICELite.mostPaths)
            #expect(agent.has(path))
        }
        #expect(agent.has(.number(500)))
        #expect(agent.has(.number(486)))
        #expect(!agent.has(.number(485)))
    }

    @Test func `is not moved by a flood of names`() throws {
        var agent = ICELite(ours, remoteUfrag: "peer", at: .start)
        var random = SeededRandom(seed: 3)
        for _ in 0..<2_000 {
            guard let guess = ICECredentials(using: &random) else { continue }
            var check = ICECheck(to: guess, nominates: true)
            if Bool.random(using: &random) { check.username = "\(ours.ufrag):peer" }
            let outcome = try agent.hear(check, from: other)
            #expect(outcome.answer.isEmpty)
        }
        #expect(agent.pathCount == 0)
        #expect(agent.selected == nil)
    }

    /// A history of honest and forged checks, restarts and silences, beside what must hold always.
    @Test(arguments: UInt64(1)...50)
    func `holds on to its rules whatever comes`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var agent = ICELite(ours, remoteUfrag: "peer", at: .start)
        var valid: [(ICECredentials, String)] = [(ours, "peer")]
        var proven: Set<DatagramPath> = []
        var lastLife = Instant.start
        var now = Instant.start
        for step in 0..<300 {
            now = now + .milliseconds(Int64.random(in: 0...2_000, using: &random))
            let from = DatagramPath.number(UInt16.random(in: 1...24, using: &random))
            let (credentials, remote) = valid.randomElement(using: &random) ?? (ours, "peer")
            var check = ICECheck(to: credentials, from: remote)
            check.nominates = Int.random(in: 0..<3, using: &random) == 0
            check.priority = UInt32.random(in: 1...9, using: &random)
            switch Int.random(in: 0..<20, using: &random) {
            case 0:
                let new = ICECredentials.seeded(seed << 32 | UInt64(step))
                let old = (agent.credentials, valid.last?.1 ?? "peer")
                agent.restart(new, remoteUfrag: "peer\(step)")
                valid = [old, (new, "peer\(step)")]
            case 1...6:
                check.password = "of somebody else altogether"
                let before = agent.selected
                let outcome = try agent.hear(check, from: from, at: now)
                #expect(outcome.answer.isEmpty)
                #expect(agent.selected == before)
            case 7:
                agent.advance(to: now)
            default:
                let outcome = try agent.hear(check, from: from, at: now)
                #expect(!outcome.answer.isEmpty)
                proven.insert(from)
                lastLife = now
                #expect(agent.has(from))
                if case .nominated(let path) = outcome.event {
                    #expect(check.nominates && path == from && agent.selected == from)
                }
                if check.nominates, credentials == valid.last?.0 {
                    valid = [valid[valid.count - 1]]
                }
            }
            #expect(agent.lastHeard == lastLife)
            #expect(agent.pathCount <= ICELite.mostPaths)
            if let selected = agent.selected { #expect(agent.has(selected)) }
            for number in UInt16(1)...24 where agent.has(.number(number)) {
                #expect(proven.contains(.number(number)))
            }
            #expect(agent.ufrags.count == valid.count)
        }
    }
}
