import Basics
import Media
import Testing

@Suite struct `Voices on a board` {
    @Test(arguments: 1...2) func `are silent while muted and go on after`(shards: Int) throws {
        var call = SimulatedCall(shards: shards)
        let ada = call.bring(camera: false)
        let ben = call.bring(camera: false)
        call.run(for: .seconds(1))
        ada.words.append(.mute(ada.name, true))
        call.run(for: .milliseconds(50))
        var view = try #require(ben.views(of: ada).first)
        let count = view.packets.count
        // Her client goes on sending, which is nobody's business.
        call.run(for: .seconds(1))
        view = try #require(ben.views(of: ada).first)
        #expect(view.packets.count == count)
        #expect(call.counts.muted > 40)
        let muted = view.ordered.last?.content?.sequence ?? 0
        ada.words.append(.mute(ada.name, false))
        call.run(for: .seconds(1))
        view = try #require(ben.views(of: ada).first)
        #expect(view.packets.count > count + 40)
        #expect(view.holes.isEmpty)
        expectInOrder(view)
        // Nothing that was said meanwhile is heard later.
        let next = try #require(view.ordered[count].content)
        #expect(next.sequence > muted + 40)
        #expect(call.tap.collisions.isEmpty)
    }

    @Test(arguments: 1...2) func `are passed on if they are the loudest three of six`(
        shards: Int
    ) throws {
        var call = SimulatedCall(shards: shards)
        var people: [TestPeer] = []
        for index in 0..<7 {
            let peer = call.bring(voice: index < 6, camera: false)
            people.append(peer)
        }
        for (index, level) in [30, 35, 40, 75, 76, 77].enumerated() {
            people[index].tracks[0].level = 0x80 | UInt8(level)
        }
        call.run(for: .seconds(3))
        let listener = people[6]
        let before = people.prefix(6).map { listener.views(of: $0).first?.packets.count ?? 0 }
        call.run(for: .seconds(1))
        let gained = zip(people, before).map { peer, count in
            (listener.views(of: peer).first?.packets.count ?? 0) - count
        }
        #expect(gained.prefix(3).allSatisfy { $0 > 45 }, "\(gained)")
        #expect(gained.suffix(3).allSatisfy { $0 == 0 }, "\(gained)")

        // Somebody begins to speak: from the first packet on.
        people[5].tracks[0].level = 0x80 | 127
        call.run(for: .seconds(1))
        people[0].tracks[0].level = 0x80 | 127
        call.run(for: .seconds(1))
        let first = people[5].tracks[0].layers[0].sequence
        people[5].tracks[0].level = 0x80 | 20
        call.run(for: .seconds(1))
        let view = try #require(listener.views(of: people[5]).first)
        let heard = Set(view.packets.values.compactMap { $0.content?.sequence })
        #expect((first..<first + 45).allSatisfy { heard.contains($0) })
        #expect(view.holes.isEmpty)
        for peer in people.prefix(6) {
            let view = try #require(listener.views(of: peer).first)
            #expect(view.holes.isEmpty)
            expectInOrder(view)
        }
        #expect(call.tap.collisions.isEmpty)
    }

    @Test(arguments: 1...2) func `are told of when they begin and end`(shards: Int) throws {
        var call = SimulatedCall(shards: shards)
        let ada = call.bring(camera: false)
        let ben = call.bring(camera: false)
        var random = SeededRandom(seed: 2)
        for _ in 0..<100 {
            ada.tracks[0].level = 0x80 | .random(in: 10...70, using: &random)
            call.run(for: .milliseconds(20))
        }
        #expect(ben.signals.contains(.voice(ada.name, isOn: true)))
        ada.words.append(.mute(ada.name, true))
        call.run(for: .milliseconds(100))
        #expect(ben.signals.last == .voice(ada.name, isOn: false))
    }

    /// How much a path carries decides about pictures; whoever is sent none need not report of each packet.
    @Test func `are numbered for reports of arrival only beside pictures`() throws {
        var call = SimulatedCall()
        let ada = call.bring(camera: false)
        let ben = call.bring(camera: false)
        call.run(for: .seconds(1))
        var voice = try #require(ben.views(of: ada, .audio).first)
        #expect(voice.packets.count > 40)
        #expect(voice.packets.values.allSatisfy { $0.transportNumber == nil && $0.level != nil })

        let count = voice.packets.count
        let cora = call.bring()
        call.run(for: .seconds(1))
        let picture = try #require(ben.views(of: cora, .video).first)
        #expect(picture.packets.count > 20)
        voice = try #require(ben.views(of: ada, .audio).first)
        #expect(voice.holes.isEmpty)
        let later = voice.ordered.dropFirst(count + 20)
        #expect(later.count > 20)
        #expect(later.allSatisfy { $0.transportNumber != nil && $0.level != nil })
        #expect(call.tap.collisions.isEmpty)
    }

    @Test(arguments: 1...2) func `and pictures of one person stay together`(shards: Int) throws {
        var call = SimulatedCall(shards: shards)
        let ada = call.bring()
        let ben = call.bring()
        call.run(for: .seconds(4))
        let voice = try #require(ben.views(of: ada, .audio).first)
        let picture = try #require(ben.views(of: ada, .video).first)
        // When the two were captured, by the clock that reports are written in.
        func captured(_ view: ViewedStream, rate: Double) throws -> [UInt32: Double] {
            let report = try #require(view.reports.last)
            let ntp = Double(report.ntp >> 32) + Double(report.ntp & 0xFFFF_FFFF) / 4_294_967_296
            var moments: [UInt32: Double] = [:]
            for packet in view.packets.values {
                let ticks = Int32(bitPattern: packet.timestamp &- report.timestamp)
                let content = try #require(packet.content)
                let number =
                    view.kind == .audio ? UInt32(content.sequence & 0xFFFF_FFFF) : content.frame
                moments[number] = ntp - 2_208_988_800 + Double(ticks) / rate
            }
            return moments
        }
        let sounds = try captured(voice, rate: 48_000)
        let frames = try captured(picture, rate: 90_000)
        // Sound n and frame m were made 20n and 40m milliseconds after one moment.
        let start = ada.tracks[0].layers[0].sequence - UInt64(ada.tracks[0].layers[0].packetCount)
        let starts = sounds.map { number, moment in
            moment - 0.02 * Double(UInt64(number) - start)
        }
        let others = frames.map { frame, moment in moment - 0.04 * Double(frame - 1) }
        #expect(starts.count > 100 && others.count > 50)
        for one in starts {
            for other in others where abs(one - other) > 0.005 {
                Issue.record("\(one) is not \(other)")
                return
            }
        }
    }
}
