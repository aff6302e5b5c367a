import Basics
import Crypto
import Media
import Testing

@Suite struct `A board and strangers` {
    private let stranger = TestPeer.path(200, 0)

    @Test func `answers no check that names nobody, or proves nothing`() throws {
        var call = SimulatedCall()
        let ada = call.bring(camera: false)
        let server = try #require(ada.server)
        var random = SeededRandom(seed: 9)
        let good = "\(server.ufrag):\(ada.own.ufrag)"
        let tries: [(String, String)] = [
            ("AAAAAAAAAAAAAAAA:BBBB", server.password),
            (good, "a password of my own making"),
            ("\(server.ufrag):somebody", server.password),
            (server.ufrag, server.password),
            (String(server.ufrag.prefix(9)) + "xxxxxxx:" + ada.own.ufrag, server.password),
            ("x:y", server.password), ("", ""),
        ]
        let before = call.board.counts
        for (name, password) in tries {
            let bytes = TestPeer.check(name, password: password, nominates: true, using: &random)
            call.give(bytes, from: stranger)
        }
        // Without a fingerprint, cut short, and with a bit turned.
        let check = TestPeer.check(good, password: server.password, nominates: true, using: &random)
        call.give(Array(check.dropLast(8)), from: stranger)
        for size in stride(from: 1, to: check.count, by: 3) {
            call.give(Array(check.prefix(size)), from: stranger)
        }
        for place in 0..<check.count {
            var turned = check
            turned[place] ^= 1
            call.give(turned, from: stranger)
        }
        #expect(call.strays.isEmpty)
        #expect(call.board.counts.checks == before.checks)
        #expect(call.board.counts.checksRefused >= before.checksRefused + 7)
    }

    @Test func `tells an operator's probe where it came from, now and then`() throws {
        var call = SimulatedCall()
        _ = call.bring(camera: false)
        let question = Self.question(ReachQuestion.write)
        call.give(question, from: stranger)
        let (answer, path) = try #require(call.strays.first)
        #expect(path == stranger && answer.count <= question.count)
        let message = try STUNMessage(answer.span)
        #expect(message.kind == .success && message.hasValidFingerprint)
        #expect(message.address(.xorMappedAddress) == stranger.remote)
        for _ in 0..<100 { call.give(question, from: stranger) }
        #expect(call.strays.count == 20, "no more at once")
        // Whoever asks otherwise is told nothing, as before.
        let others = [
            Self.question { $0.appendFingerprint() },
            Self.question { $0.append(.software, ReachQuestion.software) },
            Self.question { writer in
                writer.append(.username, "x:y")
                ReachQuestion.write(into: &writer)
            },
            Self.question { writer in
                writer.append(.software, "roost doctor, with room for an ansWer")
                writer.appendFingerprint()
            },
        ]
        call.run(for: .seconds(3))
        let before = call.strays.count
        for other in others { call.give(other, from: stranger) }
        #expect(call.strays.count == before)
    }

    private static func question(_ body: (_ writer: inout STUNWriter) -> Void) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 256)
        let span = buffer.mutableSpan
        var random = SeededRandom(seed: 3)
        let transaction = STUNTransactionID(using: &random)
        var writer = STUNWriter(.request, .binding, transaction, into: span)
        body(&writer)
        let count = writer.finish() ?? 0
        return Array(buffer.prefix(count))
    }

    @Test func `says nothing to records, media and reports over no path`() throws {
        var call = SimulatedCall()
        call.keeps = true
        let ada = call.bring()
        _ = call.bring()
        call.run(for: .seconds(1))
        let before = call.board.counts
        for (_, bytes) in call.kept where bytes[0] > 3 { call.give(bytes, from: stranger) }
        call.pump()
        #expect(call.strays.isEmpty)
        #expect(call.board.counts.fromNowhere > before.fromNowhere + 50)
        #expect(call.board.counts.packetsIn == before.packetsIn)
        #expect(call.board.counts.handshakes == before.handshakes)
        #expect(ada.isOver == nil)
    }

    @Test func `lets nobody begin a handshake beside the checked path`() throws {
        var call = SimulatedCall()
        let ada = call.add()
        ada.publish(.opus, stream: "mic")
        ada.join()
        // Reached, and not yet through its handshake.
        for _ in 0..<200 where !ada.isReached { call.run(for: .milliseconds(1)) }
        #expect(ada.isReached && !ada.isConnected)
        var other = try DTLSMachine(.client, BoardRoom.stranger, at: call.now)
        other.advance(to: call.now)
        var buffer = [UInt8](repeating: 0, count: 1_500)
        var room = buffer.mutableSpan
        var hello: [UInt8] = []
        while let count = other.nextDatagram(into: &room) {
            hello = [UInt8](copying: room.span.extracting(0..<count))
            call.give(hello, from: stranger)
        }
        #expect(hello.count > 100)
        call.run(for: .milliseconds(500))
        #expect(ada.isConnected)
        #expect(call.strays.isEmpty)
        #expect(call.board.counts.handshakes == 1)
    }

    @Test func `passes on nothing that comes twice or is forged`() throws {
        var call = SimulatedCall()
        let ada = call.bring()
        let ben = call.bring()
        call.run(for: .milliseconds(300))
        call.keeps = true
        call.run(for: .milliseconds(600))
        for track in ada.tracks.indices { ada.tracks[track].isOn = false }
        for track in ben.tracks.indices { ben.tracks[track].isOn = false }
        call.run(for: .milliseconds(100))
        let media = call.kept.filter {
            $0.peer == 0 && 128...191 ~= $0.bytes[0] && !(192...223 ~= $0.bytes[1])
        }.map(\.bytes)
        #expect(media.count > 40)
        let (before, sent) = (call.board.counts, call.tap.packets)
        for bytes in media { call.give(bytes, from: ada.path) }
        call.pump()
        #expect(call.board.counts.replayed - before.replayed == UInt64(media.count))

        var random = SeededRandom(seed: 3)
        for bytes in media {
            // A number that may come, and content that is not hers.
            var forged = bytes
            forged[2] &+= 3
            call.give(forged, from: ada.path)
            var strange = bytes
            strange[9] ^= 0x55
            call.give(strange, from: ada.path)
            var turned = forged
            turned[.random(in: 12..<turned.count, using: &random)] ^= 1
            call.give(turned, from: ada.path)
        }
        call.pump()
        #expect(call.board.counts.forged - before.forged >= UInt64(media.count))
        #expect(call.board.counts.packetsIn == before.packetsIn)
        #expect(call.tap.packets == sent)
        // And none of it has closed the way for what she says next.
        let heard = try #require(ben.views(of: ada, .audio).first).packets.count
        for track in ada.tracks.indices { ada.tracks[track].isOn = true }
        call.run(for: .milliseconds(500))
        #expect(try #require(ben.views(of: ada, .audio).first).packets.count > heard + 20)
        #expect(call.tap.collisions.isEmpty)
    }

    @Test func `takes another number for a track from its owner alone`() throws {
        var call = SimulatedCall()
        let ada = call.add()
        let number = ada.publish(.vp8, stream: "cam", rids: [("l", 320, 180), ("h", 1280, 720)])
        ada.join()
        let ben = call.bring(voice: false, camera: false)
        call.run(for: .seconds(1))
        let before = call.board.counts
        let view = try #require(ben.views(of: ada, .video).first)
        // What a forger sends looks like a new beginning of each encoding.
        for layer in ada.tracks[number].layers {
            for (_, clear) in layer.store.clear.prefix(20) {
                var forged = clear + [UInt8](repeating: 7, count: 16)
                forged[9] ^= 0x10
                call.give(forged, from: ada.path)
            }
        }
        #expect(call.board.counts.forged >= before.forged + 30)
        let count = view.packets.count
        call.run(for: .milliseconds(500))
        let after = try #require(ben.views[view.ssrc])
        #expect(after.packets.count > count + 20)
        #expect(after.holes.isEmpty)
    }

    @Test func `believes no certificate but the one described`() {
        var call = SimulatedCall()
        let eve = call.add()
        eve.publish(.opus, stream: "mic")
        eve.join()
        // The description is made with the one, the handshake with the other.
        call.run(for: .milliseconds(1))
        eve.habits.context = BoardRoom.stranger
        call.run(for: .seconds(8))
        #expect(!call.events.contains { if case .connected = $0 { true } else { false } })
        #expect(
            call.events.contains { if case .gone(_, .refused) = $0 { true } else { false } },
            "\(call.events)"
        )
        #expect(call.board.peerCount == 0)
    }

    @Test func `ends whoever never comes`() {
        var call = SimulatedCall()
        let zoe = call.add()
        zoe.publish(.opus, stream: "mic")
        zoe.habits.consents = false
        zoe.isReached = true
        zoe.join()
        call.run(for: .seconds(31))
        #expect(call.events.contains { if case .gone(_, .neverCame) = $0 { true } else { false } })
        #expect(call.board.peerCount == 0)
        #expect(zoe.isOver == .neverCame)
    }

    @Test func `refuses the wrong role of ICE with an answer of its rule`() throws {
        var call = SimulatedCall()
        let ada = call.bring(camera: false)
        let server = try #require(ada.server)
        var random = SeededRandom(seed: 4)
        let check = TestPeer.check(
            "\(server.ufrag):\(ada.own.ufrag)",
            password: server.password,
            nominates: true,
            isControlled: true,
            using: &random
        )
        call.give(check, from: ada.path)
        call.run(for: .milliseconds(20))
        #expect(ada.conflicts == 1)
    }
}
