import Basics
import Cluster
import Coordination
import Distributed
import IO
import Synchronization
import Wire

/// An actor that says what it hears.
distributed actor Parrot: WireNamed {
    typealias ActorSystem = ClusterSystem

    static let wireType: UInt64 = 900
    static var wireNames: [WireName<Parrot>] {
        [
            WireName(1) { _ = try await $0.say("") },
            WireName(2) { _ = try await $0.add(0, to: []) },
            WireName(3) { try await $0.squawk(code: "") },
            WireName(4) { try await $0.doze(milliseconds: 0) },
            WireName(5) { _ = try await $0.heard() },
        ]
    }

    private var words: [String] = []
    private let cancelled: Atomic<Int>

    init(actorSystem: ClusterSystem) {
        self.actorSystem = actorSystem
        cancelled = Atomic(0)
    }

    distributed func say(_ word: String) -> String {
        words.append(word)
        return word
    }

    distributed func add(_ number: Int, to numbers: [Int]) -> [Int] { numbers + [number] }

    distributed func squawk(code: String) throws {
        throw RemoteFault.refused(code: code, "the parrot is cross")
    }

    distributed func doze(milliseconds: Int) async throws {
        do {
            try await Task.sleep(for: .milliseconds(milliseconds))
        } catch {
            words.append("woken")
            throw error
        }
    }

    distributed func heard() -> [String] { words }
}
