import Basics
import Foundation
import IO
import Synchronization
import Testing

extension `Beside Redis` {
    @Suite struct `A Redis subscriber` {
        private final class Ear: Sendable {
            private let news = Mutex<[RedisNews]>([])

            var heard: [RedisNews] { news.withLock { $0 } }

            func hear(_ news: RedisNews) {
                self.news.withLock { $0.append(news) }
            }

            func eventuallyHears(_ wanted: RedisNews) async throws -> Bool {
                try await eventually { heard.contains(wanted) }
            }
        }

        private func message(_ text: String) -> RedisNews { .message(Array(text.utf8)) }

        private func subscriber(of ours: RedisClientUnderTest) -> RedisSubscriber {
            RedisSubscriber(
                ours.client.place,
                loop: ours.loop,
                resolver: ours.resolver,
                rules: ours.client.rules
            )
        }

        @Test func `hears what is published once it says so`() async throws {
            let redis = try await RedisProcess()
            let ours = try RedisClientUnderTest(redis)
            let subscriber = subscriber(of: ours)
            let (first, second, other) = (Ear(), Ear(), Ear())
            let subscription = subscriber.subscribe("news") { first.hear($0) }
            subscriber.subscribe("other") { other.hear($0) }
            #expect(try await first.eventuallyHears(.began))
            try await ours.ask("PUBLISH", "news", "one")
            #expect(try await first.eventuallyHears(message("one")))
            subscriber.subscribe("news") { second.hear($0) }
            #expect(try await second.eventuallyHears(.began))
            subscriber.cancel(subscription)
            try await ours.ask("PUBLISH", "news", "two")
            #expect(try await second.eventuallyHears(message("two")))
            #expect(first.heard == [.began, message("one")])
            #expect(other.heard == [.began])
            await subscriber.close()
        }

        @Test func `leaves a channel with its last handler, and may come back`() async throws {
            let redis = try await RedisProcess()
            let ours = try RedisClientUnderTest(redis)
            let subscriber = subscriber(of: ours)
            let ear = Ear()
            let subscription = subscriber.subscribe("news") { ear.hear($0) }
            #expect(try await ear.eventuallyHears(.began))
            subscriber.cancel(subscription)
            #expect(
                try await eventually { try await ours.ask("PUBLISH", "news", "x") == .integer(0) }
            )
            let again = Ear()
            let brief = subscriber.subscribe("news") { _ in }
            subscriber.cancel(brief)
            subscriber.subscribe("news") { again.hear($0) }
            #expect(try await again.eventuallyHears(.began))
            #expect(try await ours.ask("PUBLISH", "news", "y") == .integer(1))
            #expect(try await again.eventuallyHears(message("y")))
            #expect(again.heard == [.began, message("y")])
            await subscriber.close()
        }

        @Test func `says when it was cut, and when it hears again`() async throws {
            let redis = try await RedisProcess()
            let ours = try RedisClientUnderTest(redis)
            let subscriber = subscriber(of: ours)
            let ear = Ear()
            subscriber.subscribe("news") { ear.hear($0) }
            #expect(try await ear.eventuallyHears(.began))
            redis.kill()
            #expect(try await eventually { ear.heard.count >= 2 })
            guard case .cut = ear.heard[1] else {
                Issue.record("\(ear.heard)")
                return
            }
            try await redis.start()
            #expect(try await eventually { ear.heard.count >= 3 })
            #expect(ear.heard[2] == .began)
            try await ours.ask("PUBLISH", "news", "again")
            #expect(try await ear.eventuallyHears(message("again")))
            #expect(ear.heard.count == 4)
            await subscriber.close()
        }

        @Test func `notices when its quiet connection has died`() async throws {
            let redis = try await RedisProcess()
            let ours = try RedisClientUnderTest(redis) {
                $0.heartbeat = .milliseconds(100)
                $0.silenceLimit = .milliseconds(100)
            }
            let subscriber = subscriber(of: ours)
            let ear = Ear()
            subscriber.subscribe("news") { ear.hear($0) }
            #expect(try await ear.eventuallyHears(.began))
            try await Task.sleep(for: .milliseconds(400))
            #expect(ear.heard == [.began], "it is asked whether it lives, and answers")
            redis.signal(SIGSTOP)
            #expect(try await eventually { ear.heard.count == 2 })
            redis.signal(SIGCONT)
            #expect(try await eventually { ear.heard.count == 3 })
            #expect(ear.heard.last == .began)
            await subscriber.close()
        }
    }
}
