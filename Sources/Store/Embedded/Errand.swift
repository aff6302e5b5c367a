/// Something the store is asked to do, and the one who waits for it.
///
/// It may be done twice: when others in its transaction spoil it, it is undone with them and done
/// again alone. Only the last time counts.
protocol Errand: Sendable {
    var isWrite: Bool { get }
    /// Does it, in whatever transaction is open. Throws if it can't be done at all.
    func perform(on database: Database) throws(StoreFault)
    /// Answers the one who waits: with what the last performance brought, or with a fault.
    func finish(_ fault: StoreFault?)
}

/// Its result is touched by the store's thread alone, between taking it from the queue and finishing it.
final class ErrandFor<Value: Sendable>: Errand, @unchecked Sendable {
    let isWrite: Bool
    private let body: @Sendable (Database) throws(StoreFault) -> Value
    private let answer: @Sendable (Result<Value, StoreFault>) -> Void
    private var value: Value?

    init(
        isWrite: Bool,
        body: @escaping @Sendable (Database) throws(StoreFault) -> Value,
        answer: @escaping @Sendable (Result<Value, StoreFault>) -> Void
    ) {
        self.isWrite = isWrite
        self.body = body
        self.answer = answer
    }

    func perform(on database: Database) throws(StoreFault) {
        value = try body(database)
    }

    func finish(_ fault: StoreFault?) {
        if let fault {
            answer(.failure(fault))
        } else if let value {
            answer(.success(value))
        } else {
            answer(.failure(StoreFault("the store never came to it", reason: .other)))
        }
    }
}
