package import Coordination

/// The mutexes of a Redis: what the scripts in `CScripts` do, on values. A test holds the two side by
/// side.
package struct SimulatedMutexes: Sendable {
    package struct Notice: Hashable, Sendable {
        package var member: MemberID
        package var name: MutexName
    }

    private struct Hold: Sendable {
        var owner: MutexOwner
        var fence: Token
        var sequence: UInt64 = 1
        var isTaken: Bool
        var at: Int64
    }

    private struct Mutex: Sendable {
        var hold: Hold?
        var waiting: [(owner: MutexOwner, heard: Int64)] = []
    }

    package static let mostWaiting = 256

    package var era: MutexEra
    package var flaw: MutexFlaw?
    private let terms: MutexTerms
    private var mutexes: [MutexName: Mutex] = [:]
    private var count: UInt64 = 0
    private var settled: Generation?

    package init(era: MutexEra, terms: MutexTerms) {
        self.era = era
        self.terms = terms
    }

    /// How many mutexes are held or waited for.
    package var mutexCount: Int { mutexes.count }

    /// Answers at this millisecond of its own clock, and says who is to be told.
    package mutating func answer(
        _ request: MutexRequest,
        at now: Int64
    ) -> (answer: MutexAnswer, notices: [Notice]) {
        guard request.era == era else { return (.stale, []) }
        var mutex = mutexes[request.name] ?? Mutex()
        var notices: [Notice] = []
        defer {
            mutexes[request.name] = mutex.hold == nil && mutex.waiting.isEmpty ? nil : mutex
        }
        let name = request.name
        switch request.order {
        case .lock(let seizing, let isSettled):
            let answer = lock(&mutex, name, request.owner, seizing, isSettled, now, &notices)
            return (answer, notices)
        case .relock(let fence):
            return (relock(&mutex, request.owner, fence, now), [])
        case .unlock(let fence):
            let isMine = mutex.hold?.owner == request.owner && mutex.hold?.fence == fence
            let isThere = flaw == .unlockIsUnconditional && mutex.hold != nil
            guard isMine || isThere else { return (.lost, []) }
            mutex.hold = nil
            if isSettled(false) { handOver(&mutex, name, to: nil, now, &notices) }
            return (.released, notices)
        case .quit:
            mutex.waiting.removeAll { $0.owner == request.owner }
            if mutex.hold?.owner == request.owner {
                mutex.hold = nil
                if isSettled(false) { handOver(&mutex, name, to: nil, now, &notices) }
            }
            return (.released, notices)
        }
    }

    private mutating func isSettled(_ isKnown: Bool) -> Bool {
        if flaw == .nothingSettles { return true }
        if isKnown { settled = era.generation }
        return settled == era.generation
    }

    private mutating func lock(
        _ mutex: inout Mutex,
        _ name: MutexName,
        _ me: MutexOwner,
        _ seizing: MutexHolder?,
        _ isKnown: Bool,
        _ now: Int64,
        _ notices: inout [Notice]
    ) -> MutexAnswer {
        let isSettled = isSettled(isKnown)
        if let hold = mutex.hold, hold.owner == me {
            if hold.fence.generation == era.generation || flaw == .oldGrantsReturn {
                mutex.hold?.sequence += 1
                mutex.hold?.isTaken = true
                return .granted(hold.fence)
            }
            mutex.hold = nil
        }
        if let place = mutex.waiting.firstIndex(where: { $0.owner == me }) {
            mutex.waiting[place].heard = now
        } else if mutex.waiting.count >= Self.mostWaiting {
            return .full
        } else {
            mutex.waiting.append((me, now))
        }
        if let hold = mutex.hold, !hold.isTaken, now - hold.at > terms.grace.milliseconds {
            mutex.hold = nil
        }
        if let seizing, let hold = mutex.hold {
            let isSame =
                hold.owner == seizing.owner && hold.fence == seizing.fence
                && hold.sequence == seizing.sequence
            if isSame || flaw == .seizingIsBlind { mutex.hold = nil }
        }
        if mutex.hold == nil, isSettled { handOver(&mutex, name, to: me, now, &notices) }
        guard let hold = mutex.hold else { return .unsettled }
        guard hold.owner != me else { return .granted(hold.fence) }
        return .busy(MutexHolder(owner: hold.owner, fence: hold.fence, sequence: hold.sequence))
    }

    private mutating func handOver(
        _ mutex: inout Mutex,
        _ name: MutexName,
        to me: MutexOwner?,
        _ now: Int64,
        _ notices: inout [Notice]
    ) {
        while let first = mutex.waiting.first, now - first.heard > terms.patience.milliseconds {
            mutex.waiting.removeFirst()
        }
        guard let first = mutex.waiting.first?.owner else { return }
        mutex.waiting.removeFirst()
        count += 1
        let generation = flaw == .fencesWithoutGeneration ? Generation(1) : era.generation
        let fence = Token(generation: generation, count: count)
        mutex.hold = Hold(owner: first, fence: fence, isTaken: first == me, at: now)
        if first != me { notices.append(Notice(member: first.member, name: name)) }
    }

    private mutating func relock(
        _ mutex: inout Mutex,
        _ me: MutexOwner,
        _ fence: Token,
        _ now: Int64
    ) -> MutexAnswer {
        if mutex.hold?.owner == me, mutex.hold?.fence == fence {
            mutex.hold?.sequence += 1
            mutex.hold?.isTaken = true
            return .renewed
        }
        if flaw == .relockIsUnconditional { return .renewed }
        let mayBeForgotten = fence.generation != era.generation && !isSettled(false)
        guard mayBeForgotten, mutex.hold.map({ $0.fence < fence }) ?? true else { return .lost }
        mutex.hold = Hold(owner: me, fence: fence, isTaken: true, at: now)
        mutex.waiting.removeAll { $0.owner == me }
        return .renewed
    }
}

extension Duration {
    /// Whole ones, as the scripts are told.
    package var milliseconds: Int64 {
        components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000
    }
}
