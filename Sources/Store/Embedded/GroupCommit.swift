/// Does the errands that wait together in one transaction, and answers each when it is durable.
///
/// A commit costs much more than a row, so those who come while one is under way share the next.
/// An errand that fails undoes itself alone. When the transaction as a whole fails (the disk is full,
/// say), each errand is done again in a transaction of its own, so that one too large spoils no other.
struct GroupCommit {
    let database: Database

    func perform(_ errands: [any Errand]) {
        guard errands.count > 1 else {
            for errand in errands { performAlone(errand) }
            return
        }
        do throws(StoreFault) {
            try database.change(errands.contains { $0.isWrite } ? "BEGIN IMMEDIATE" : "BEGIN")
        } catch {
            // Another program has the file. Each would wait as long as we just have, so no write tries.
            for errand in errands {
                if errand.isWrite { errand.finish(error) } else { performAlone(errand) }
            }
            return
        }
        do throws(StoreFault) {
            let faults = try performTogether(errands)
            for (errand, fault) in zip(errands, faults) { errand.finish(fault) }
        } catch {
            database.rollBack()
            for errand in errands { performAlone(errand) }
        }
    }

    /// Answers the fault of each errand, or throws if there is no telling one from the other.
    private func performTogether(
        _ errands: [any Errand]
    ) throws(StoreFault) -> [StoreFault?] {
        var faults: [StoreFault?] = []
        for errand in errands {
            if errand.isWrite { try database.change("SAVEPOINT errand") }
            do throws(StoreFault) {
                try errand.perform(on: database)
                faults.append(nil)
            } catch {
                guard database.isInTransaction else { throw error }
                faults.append(error)
                if errand.isWrite { try database.change("ROLLBACK TO errand") }
            }
            if errand.isWrite { try database.change("RELEASE errand") }
        }
        try database.change("COMMIT")
        return faults
    }

    private func performAlone(_ errand: any Errand) {
        do throws(StoreFault) {
            if errand.isWrite { try database.change("BEGIN IMMEDIATE") }
            try errand.perform(on: database)
            if errand.isWrite { try database.change("COMMIT") }
            errand.finish(nil)
        } catch {
            database.rollBack()
            errand.finish(error)
        }
    }
}
