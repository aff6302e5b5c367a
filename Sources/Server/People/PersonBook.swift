package import Basics
package import Store
internal import Synchronization

/// Who is who: everybody that this node has met, so that a client can put a name to an id.
///
/// Whoever logs in is kept in the store. Whoever comes with signed tokens alone is in memory alone, and
/// known again after a restart as soon as they ask for anything.
package final class PersonBook: Sendable {
    private let met = Mutex(RecentlyUsed<Identifier, Person>(capacity: 10_000))
    private let store: any DurableStore
    private let log: Log

    package init(store: any DurableStore, log: Log) {
        self.store = store
        self.log = log
    }

    func meet(_ person: Person) {
        met.withLock { met in
            if met.use(person.id) != person { met.set(person.id, to: person) }
        }
    }

    /// Meets somebody, and has the store know them too.
    func keep(_ person: Person) async {
        meet(person)
        do throws(StoreFault) {
            let key = Self.key(person.id)
            let old = try await store.value(of: key)
            let text = person.text
            guard old?.bytes != text else { return }
            // Whoever is faster writes the same person, seen a moment sooner or later.
            _ = try await store.write(text, to: key, ifVersion: old?.version)
        } catch {
            log.warning("a person's name could not be stored", ["why": .error(error)])
        }
    }

    func find(_ id: Identifier) async -> Person? {
        if let person = met.withLock({ $0.use(id) }) { return person }
        do throws(StoreFault) {
            guard
                let value = try await store.value(of: Self.key(id)),
                let person = Person(id, text: value.bytes)
            else { return nil }
            meet(person)
            return person
        } catch {
            log.warning("a person could not be looked up", ["why": .error(error)])
            return nil
        }
    }

    private static func key(_ id: Identifier) -> String { "person/\(id)" }
}
