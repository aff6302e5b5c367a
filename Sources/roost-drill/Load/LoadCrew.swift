internal import Basics
internal import Callers
internal import Crypto
internal import Glibc
internal import IO
internal import Synchronization
internal import Wire

/// People of a load on one thread: their websockets, sockets and time.
final class LoadCrew: @unchecked Sendable {
    let loop: Loop
    let deeds: LoadDeeds
    let terms: Terms

    // On the loop.
    let sockets: DatagramSeats
    let codec = DeflateCodec()
    var out = OutgoingBatch(capacity: 1 << 19, runLimit: 1_024)
    var tally = LoadTally()
    var random: SeededRandom
    private var thinned = OutgoingBatch(capacity: 1 << 19, runLimit: 1_024)
    private var seats: [LoadSeat] = []

    /// What all of them have in common.
    struct Terms: Sendable {
        /// Where their websockets go.
        var target: SocketAddress
        /// Where their own sockets are.
        var home: IPAddress
        /// Of datagrams, both ways, as a part of a hundred.
        var loss = 0.0
        var habits = CallerHabits()
        var context: DTLSContext
        var subprotocols: [String] = []
    }

    init(_ terms: Terms, index: Int, cpu: Int?, deeds: LoadDeeds, seed: UInt64) throws {
        loop = try Loop(index: index, name: "people", cpu: cpu)
        self.terms = terms
        self.deeds = deeds
        random = SeededRandom(seed: seed)
        sockets = DatagramSeats(loop: loop)
    }

    /// Takes somebody in, who begins at once to do what is due.
    func seat(_ guest: any LoadGuest, path: String, fields: [String], source: IPAddress?) {
        loop.execute { [self] in
            let seat = LoadSeat(
                guest,
                LoadSeat.Door(path: path, fields: fields, source: source),
                in: self,
                seed: random.next()
            )
            seats.append(seat)
            seat.begin()
        }
    }

    func tell(_ event: LoadEvent) {
        ask { crew in
            for seat in crew.seats { seat.receive(event) }
        }
    }

    /// What has come of it until now, and what the thread has taken of its processor.
    func look() -> (tally: LoadTally, processor: Duration) {
        ask { crew in (crew.sum(), ProcessorTime.ofThread) }
    }

    /// Begins anew with what is spread over time.
    func forgetDelays() {
        ask { crew in
            crew.tally.soundDelay = Spread()
            crew.tally.pictureDelay = Spread()
            crew.tally.eventDelay = Spread()
            crew.tally.lateness = Spread()
        }
    }

    /// Who is in a call and has heard nothing of a kind since the last question.
    func deaf() -> (toSound: Int, toPictures: Int) {
        ask { crew in
            crew.seats.reduce(into: (0, 0)) { sum, seat in
                let (sound, pictures) = seat.takeHeard()
                guard seat.guest.isIn else { return }
                if !sound { sum.0 += 1 }
                if !pictures { sum.1 += 1 }
            }
        }
    }

    func end() {
        ask { crew in
            for seat in crew.seats { seat.end() }
            crew.seats = []
        }
        loop.stop()
    }

    private func sum() -> LoadTally {
        var sum = tally
        sum.overflowed = sockets.overflowedDatagrams
        for seat in seats { seat.add(to: &sum) }
        return sum
    }

    private func ask<Answer: Sendable>(_ body: @escaping @Sendable (LoadCrew) -> Answer) -> Answer {
        let box = LoadAnswer<Answer>()
        loop.execute { [self] in box.put(body(self)) }
        return box.take()
    }

    // MARK: - On the loop

    /// Sends what somebody has written, but for what the line loses.
    func flush(by socket: DatagramSeat?) {
        guard !out.isEmpty else { return }
        guard terms.loss > 0 else {
            socket?.flush(&out)
            return
        }
        unsafe out.forEachPacket { bytes, path in
            guard !losesOne(), let start = bytes.baseAddress, let room = unsafe thinned.room else {
                return
            }
            unsafe room.copyMemory(from: start, byteCount: bytes.count)
            thinned.commit(count: bytes.count, to: path, mayJoin: false)
        }
        out.removeAll()
        socket?.flush(&thinned)
        thinned.removeAll()
    }

    func losesOne() -> Bool {
        guard terms.loss > 0 else { return false }
        let isLost = Double.random(in: 0..<100, using: &random) < terms.loss
        if isLost { tally.lostOnPurpose += 1 }
        return isLost
    }
}

/// An answer on its way from a loop to a thread that waits for it.
private final class LoadAnswer<Answer: Sendable>: Sendable {
    private let answer = Mutex<Answer?>(nil)

    func put(_ new: Answer) { answer.withLock { $0 = new } }

    func take() -> Answer {
        while true {
            if let answer = answer.withLock({ $0 }) { return answer }
            usleep(500)
        }
    }
}
