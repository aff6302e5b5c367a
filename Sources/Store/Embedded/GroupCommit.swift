/// Does the errands that wait together in one transaction, and answers each when it is durable.
///
/// A commit costs much more than a row, so those who come while one is under way share the next.
/// When anything in a shared transaction fails (a row breaks a rule, the disk is full), it is undone
/// and each errand is done again in a transaction of its own, so that one spoils no other.
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
            for errand in errands { try errand.perform(on: database) }
            try database.change("COMMIT")
        } catch {
            database.rollBack()
            for errand in errands { performAlone(errand) }
            return
        }
        for errand in errands { errand.finish(nil) }
    }

    private func performAlone(_ errand: any Errand) {
        do throws(StoreFault) {
            if errand.isWrite { try database.change("BEGIN IMMEDIATE") }
            try errand.perform(on: database)
            if errand.isWrite { try database.change("COMMIT") }
        } catch {
            database.rollBack()
            errand.finish(error)
            return
        }
        errand.finish(nil)
    }
}
