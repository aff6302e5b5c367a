internal import Basics
package import Coordination
package import Distributed
internal import IO
internal import Synchronization
package import Wire

/// The distributed actors of this node, and the way to those of others.
///
/// An actor is known by its ``ActorAddress``. A call to one of another node is packed, sent over the link
/// and answered, and looks like a call to one of this node. Calls of one node to one actor are begun in the order
/// in which they were made, each after the one before has ended. A call is made at most once: a link
/// that breaks and comes back loses nothing, and whoever is told ``RemoteFault/timedOut`` or
/// ``RemoteFault/unreachable(_:)`` does not know whether it was.
///
/// Where no answer is wanted and order and speed are, there are *letters* (``post(_:to:)``): they are handed over on
/// the loop of the links, in order, without a task.
package final class ClusterSystem: DistributedActorSystem, LinkReceiver {
    package typealias ActorID = ActorAddress
    package typealias InvocationEncoder = InvocationWriter
    package typealias InvocationDecoder = InvocationReader
    package typealias ResultHandler = InvocationAnswer
    package typealias SerializationRequirement = Packable

    private struct Waiter {
        var continuation: CheckedContinuation<[UInt8], any Error>
        var member: MemberID
    }

    private struct State {
        var actors: [ActorAddress.Name: any WireNamed] = [:]
        var letterBoxes: [ActorAddress.Name: any LetterReceiver] = [:]
        /// Swift's name of each method, by ours and by itself.
        var targets: [UInt64: String] = [:]
        var numbers: [String: UInt64] = [:]
        var waiters: [UInt64: Waiter] = [:]
        var deadlines = CallDeadlines()
        /// The deadline for which somebody comes to look at them next.
        var watched: Instant?
        var lastCall: UInt64 = 0
        var queues: [Queue.Key: Queue] = [:]
        var running: [Running: Task<Void, Never>] = [:]
        var neighbours: Set<MemberID> = []

        /// The next call of a queue, which is let go if there is none.
        mutating func nextQueued(_ key: Queue.Key) -> Parcel.Call? {
            guard var queue = queues.removeValue(forKey: key), queue.count > 0 else { return nil }
            let call = queue.calls[queue.first]
            queue.first += 1
            if queue.first == queue.calls.count {
                queue = Queue()
            } else if queue.first > 256 {
                queue.calls.removeFirst(queue.first)
                queue.first = 0
            }
            queues[key] = queue
            return call
        }

        /// Takes a call out of its queue that has not begun.
        mutating func forgetQueued(_ number: UInt64, from sender: MemberID) {
            for key in queues.keys where key.member == sender {
                guard var queue = queues[key],
                    let place = queue.calls[queue.first...].firstIndex(where: {
                        $0.number == number
                    })
                else { continue }
                queue.calls.remove(at: place)
                queues[key] = queue
            }
        }
    }

    /// Calls of one member to one actor, of which the first is under way.
    private struct Queue {
        struct Key: Hashable {
            var member: MemberID
            var name: ActorAddress.Name
        }

        var calls: [Parcel.Call] = []
        var first = 0
        var count: Int { calls.count - first }
    }

    private struct Running: Hashable {
        var member: MemberID
        var number: UInt64
    }

    package let member: MemberID
    private let state = Mutex(State())
    private let links: Links?
    private let watcher = Mutex<(any ClusterWatcher)?>(nil)

    /// How long callers wait, unless they say otherwise.
    @TaskLocal package static var patience = Duration.seconds(2)
    /// The name of the actor that is being made.
    @TaskLocal fileprivate static var naming: ActorAddress.Name?

    /// `links`: nil for a node that is alone.
    package init(_ member: MemberID, links: Links?) {
        self.member = member
        self.links = links
        links?.visit { [self] in $0.tell(self) }
    }

    package func watch(_ watcher: any ClusterWatcher) {
        self.watcher.withLock { $0 = watcher }
    }

    // MARK: - Actors of this node

    /// Makes an actor that is known by the name from now on, until it is let go.
    package func make<Act: DistributedActor>(
        _ name: ActorAddress.Name,
        _ body: () throws -> Act
    ) rethrows -> Act where Act.ActorSystem == ClusterSystem {
        try Self.$naming.withValue(name) { try body() }
    }

    package func assignID<Act: DistributedActor>(_ type: Act.Type) -> ActorAddress
    where Act.ID == ActorAddress {
        guard let name = Self.naming else {
            preconditionFailure("actors are made inside ClusterSystem.make, which names them")
        }
        return ActorAddress(name, at: member)
    }

    package func actorReady<Act: DistributedActor>(_ actor: Act) where Act.ID == ActorAddress {
        guard let named = actor as? any WireNamed else {
            preconditionFailure("\(Act.self) has no wire names; let it conform to WireNamed")
        }
        state.withLock { $0.actors[actor.id.name] = named }
    }

    /// The actor is no more, and was retired before: by now its name may be another's.
    package func resignID(_ id: ActorAddress) {}

    /// Lets go of an actor, which nobody can speak to from now on.
    package func retire(_ name: ActorAddress.Name) {
        let (actor, box) = state.withLock { state in
            (
                state.actors.removeValue(forKey: name),
                state.letterBoxes.removeValue(forKey: name)
            )
        }
        withExtendedLifetime((actor, box)) {}
    }

    package func resolve<Act: DistributedActor>(
        id: ActorAddress,
        as type: Act.Type
    ) throws -> Act? where Act.ID == ActorAddress {
        guard id.member == member else { return nil }
        guard let actor = state.withLock({ $0.actors[id.name] }) else {
            throw RemoteFault.noActor(id.name.text)
        }
        guard let actor = actor as? Act else {
            throw RemoteFault.noActor("\(id.name.text) of another kind")
        }
        return actor
    }

    /// Gives the methods of a type their numbers. Once, before anything is called.
    package func learn<Act: WireNamed>(_ type: Act.Type) async {
        let nowhere = ActorAddress(.session("nowhere"), at: Self.nowhere)
        for name in Act.wireNames {
            let note = TargetNote()
            await TargetNote.$current.withValue(note) {
                guard let probe = try? Act.resolve(id: nowhere, using: self) else { return }
                try? await name.knock(probe)
            }
            guard let target = note.target else {
                preconditionFailure(
                    "method \(name.number) of \(Act.self) calls nothing distributed"
                )
            }
            let number = Act.number(of: name)
            state.withLock { state in
                precondition(state.targets[number] ?? target == target, "\(number) is given twice")
                state.targets[number] = target
                state.numbers[target] = number
            }
        }
    }

    /// A member that no node can be.
    private static let nowhere = MemberID(name: noNode, nonce: 0)

    private static let noNode: NodeName = {
        guard let name = NodeName("nowhere") else {
            preconditionFailure("nowhere is a name that a node could have")
        }
        return name
    }()

    // MARK: - Calls to other nodes

    package func makeInvocationEncoder() -> InvocationWriter { InvocationWriter() }

    package func remoteCall<Act, Err, Res>(
        on actor: Act,
        target: RemoteCallTarget,
        invocation: inout InvocationWriter,
        throwing: Err.Type,
        returning: Res.Type
    ) async throws -> Res
    where Act: DistributedActor, Act.ID == ActorAddress, Err: Error, Res: Packable {
        let bytes = try await call(actor.id, target, invocation.bytes)
        do throws(PackFault) {
            return try Res(packed: bytes)
        } catch {
            throw RemoteFault.unreadable(error.description)
        }
    }

    package func remoteCallVoid<Act, Err>(
        on actor: Act,
        target: RemoteCallTarget,
        invocation: inout InvocationWriter,
        throwing: Err.Type
    ) async throws where Act: DistributedActor, Act.ID == ActorAddress, Err: Error {
        _ = try await call(actor.id, target, invocation.bytes)
    }

    private func call(
        _ id: ActorAddress,
        _ target: RemoteCallTarget,
        _ arguments: [UInt8]
    ) async throws -> [UInt8] {
        if let note = TargetNote.current {
            note.target = target.identifier
            throw RemoteFault.noActor("nowhere")
        }
        guard let method = state.withLock({ $0.numbers[target.identifier] }) else {
            preconditionFailure("\(target) has no number; add it to the wireNames of its type")
        }
        guard let links else { throw RemoteFault.unreachable(id.member.description) }
        try Task.checkCancellation()
        let number = state.withLock { state in
            state.lastCall += 1
            return state.lastCall
        }
        let patience = Self.patience
        let call = Parcel.Call(
            number: number,
            actor: id.name.text,
            method: method,
            patience: UInt64(max(patience / .milliseconds(1), 0)),
            arguments: arguments
        )
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let waiter = Waiter(continuation: continuation, member: id.member)
                let (isKept, mustWatch) = state.withLock { state in
                    guard state.waiters.count < Self.waiterLimit else { return (false, false) }
                    state.waiters[number] = waiter
                    let now = Loop.readClock()
                    state.deadlines.add(number, at: now, patience: patience)
                    let deadline = now + patience
                    guard state.watched.map({ deadline < $0 }) ?? true else { return (true, false) }
                    state.watched = deadline
                    return (true, true)
                }
                guard isKept else {
                    return continuation.resume(throwing: RemoteFault.overloaded)
                }
                links.visit { [self] links in
                    if let fault = links.send(.call(call), to: id.member) {
                        settle(number, .failure(fault))
                    }
                    if mustWatch { giveUpLater(links) }
                }
            }
        } onCancel: {
            settle(number, .failure(CancellationError()))
            links.visit { _ = $0.send(.cancel(number), to: id.member) }
        }
    }

    private func settle(_ number: UInt64, _ result: Result<[UInt8], any Error>) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
        waiter?.continuation.resume(with: result)
    }

    /// Comes back when the next call is to be given up, but not for each by itself: sooner only for one that
    /// waits less than those before it. Who comes for a deadline of which another has taken care plans nothing.
    private func giveUpLater(_ links: isolated Links) {
        let now = links.loop.now
        let due = state.withLock { state in
            state.watched = state.deadlines.next
            return state.watched
        }
        guard let due else { return }
        links.loop.schedule(at: max(due, now + Self.givingUp)) { [weak self, weak links] in
            guard let self, let links else { return }
            let now = links.loop.now
            links.assumeIsolated { links in
                for number in self.state.withLock({ $0.deadlines.takeDue(at: now) }) {
                    self.giveUp(number, links)
                }
                guard self.state.withLock({ $0.watched == due }) else { return }
                self.giveUpLater(links)
            }
        }
    }

    /// Nobody waits for it any more, which the actor's node is told.
    private func giveUp(_ number: UInt64, _ links: isolated Links) {
        guard let waiter = state.withLock({ $0.waiters.removeValue(forKey: number) }) else {
            return
        }
        _ = links.send(.cancel(number), to: waiter.member)
        waiter.continuation.resume(throwing: RemoteFault.timedOut)
    }

    /// The members that this node has a link to, or had and will have again.
    package var neighbours: Set<MemberID> { state.withLock { $0.neighbours } }

    // MARK: - Letters

    /// Says something to an actor that answers nothing. In the order in which one thread posts them.
    package func post(_ letter: some Packable, to id: ActorAddress) {
        let content = letter.packed
        guard id.member != member else {
            let box = state.withLock { $0.letterBoxes[id.name] }
            box?.receive(content, from: member)
            return
        }
        links?.visit { links in
            let parcel = Parcel.letter(.init(actor: id.name.text, content: content))
            if let fault = links.send(parcel, to: id.member) {
                self.letterFailed(id, fault)
            }
        }
    }

    private func letterFailed(_ id: ActorAddress, _ fault: RemoteFault) {
        watcher.withLock { $0 }?.letterFailed(to: id, fault)
    }

    /// Letters to the name are given to this receiver.
    package func open(_ name: ActorAddress.Name, _ receiver: any LetterReceiver) {
        state.withLock { $0.letterBoxes[name] = receiver }
    }

    // MARK: - What links bring

    package func linkOpened(to member: MemberID) {
        state.withLock { _ = $0.neighbours.insert(member) }
        watcher.withLock { $0 }?.linkOpened(to: member)
    }

    package func linkBroke(to member: MemberID, why: String) {
        watcher.withLock { $0 }?.linkBroke(to: member, why: why)
    }

    package func certified(_ member: MemberID, _ life: Life) {
        watcher.withLock { $0 }?.certified(member, life)
    }

    package func pulse(_ bytes: [UInt8], from member: MemberID) {
        watcher.withLock { $0 }?.pulse(bytes, from: member)
    }

    package func linkEnded(to member: MemberID) {
        let (waiters, tasks) = state.withLock { state in
            state.neighbours.remove(member)
            let numbers = state.waiters.filter { $0.value.member == member }.keys
            let waiters = numbers.compactMap { state.waiters.removeValue(forKey: $0) }
            for key in state.queues.keys where key.member == member {
                state.queues[key]?.calls = []
                state.queues[key]?.first = 0
            }
            return (waiters, state.running.filter { $0.key.member == member }.map(\.value))
        }
        for task in tasks { task.cancel() }
        watcher.withLock { $0 }?.linkEnded(to: member)
        let fault = RemoteFault.unreachable(member.description)
        for waiter in waiters { waiter.continuation.resume(throwing: fault) }
    }

    package func parcel(_ parcel: Parcel, from sender: MemberID) {
        switch parcel {
        case .call(let call): queue(call, from: sender)
        case .letter(let letter):
            guard let name = ActorAddress.Name(letter.actor) else { return }
            if let box = state.withLock({ $0.letterBoxes[name] }) {
                box.receive(letter.content, from: sender)
            } else {
                watcher.withLock { $0 }?.letterStrayed(letter.content, to: name, from: sender)
            }
        case .reply(let number, let bytes): settle(number, .success(bytes))
        case .fault(let number, let fault): settle(number, .failure(fault))
        case .cancel(let number):
            let key = Running(member: sender, number: number)
            let task = state.withLock { state in
                state.forgetQueued(number, from: sender)
                return state.running[key]
            }
            task?.cancel()
        }
    }

    // MARK: - Calls from other nodes

    private func queue(_ call: Parcel.Call, from sender: MemberID) {
        guard let name = ActorAddress.Name(call.actor) else {
            return answer(call, .failure(.noActor(call.actor)), to: sender)
        }
        let key = Queue.Key(member: sender, name: name)
        let (isKept, mustBegin) = state.withLock { state in
            guard let count = state.queues[key]?.count else {
                state.queues[key] = Queue(calls: [call])
                return (true, true)
            }
            guard count < Self.queueLimit else { return (false, false) }
            state.queues[key]?.calls.append(call)
            return (true, false)
        }
        guard isKept else { return answer(call, .failure(.overloaded), to: sender) }
        if mustBegin { work(off: key) }
    }

    /// Begins the next call, on the loop of the links, so that it waits for nobody but the actor.
    private func work(off key: Queue.Key) {
        while let call = state.withLock({ $0.nextQueued(key) }) {
            if begin(call, key) { return }
        }
    }

    /// The caller may cancel it, and does not wait for ever. False if nothing comes of it.
    private func begin(_ call: Parcel.Call, _ key: Queue.Key) -> Bool {
        let (actor, target) = state.withLock { ($0.actors[key.name], $0.targets[call.method]) }
        guard let target else {
            answer(call, .failure(.noMethod(call.method)), to: key.member)
            return false
        }
        guard let actor else {
            answer(call, .failure(.noActor(call.actor)), to: key.member)
            return false
        }
        guard let loop = links?.loop else { return false }
        let running = Running(member: key.member, number: call.number)
        // Under the lock, so that it is not taken out before it is in.
        state.withLock { state in
            state.running[running] = loop.begin { [self] in
                await execute(call, target, on: actor, for: key.member)
                self.state.withLock { $0.running[running] = nil }
                work(off: key)
            }
        }
        return true
    }

    private func execute(
        _ call: Parcel.Call,
        _ target: String,
        on actor: some WireNamed,
        for sender: MemberID
    ) async {
        var reader = InvocationReader(call.arguments)
        let handler = InvocationAnswer { [self] in answer(call, $0, to: sender) }
        do {
            try await executeDistributedTarget(
                on: actor,
                target: RemoteCallTarget(target),
                invocationDecoder: &reader,
                handler: handler
            )
        } catch {
            answer(call, .failure(RemoteFault(crossing: error)), to: sender)
        }
    }

    private func answer(
        _ call: Parcel.Call,
        _ result: Result<[UInt8], RemoteFault>,
        to sender: MemberID
    ) {
        links?.visit { links in
            switch result {
            case .success(let bytes):
                if let fault = links.send(.reply(to: call.number, bytes), to: sender) {
                    _ = links.send(.fault(to: call.number, fault), to: sender)
                }
            case .failure(let fault):
                _ = links.send(.fault(to: call.number, fault), to: sender)
            }
        }
    }

    /// By how much longer than it says a caller may wait.
    private static let givingUp = Duration.milliseconds(20)
    /// Of one member's calls to one actor.
    private static let queueLimit = 4_096
    /// Of calls to all members.
    private static let waiterLimit = 100_000
}
