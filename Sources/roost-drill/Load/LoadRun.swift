internal import Basics
internal import Callers
internal import Crypto
internal import Glibc
internal import IO

/// A load from its first person to its last word, on the thread that calls it.
final class LoadRun {
    let plan: LoadPlan
    private let server: any LoadTarget
    private let crews: [LoadCrew]
    private let waves: [[LoadNewcomer]]
    /// How many there are to be.
    let expected: Int
    private let start = Loop.readClock()
    private let progress: LoadProgress
    private(set) var moments: [LoadMoment] = []
    /// Before anybody came.
    private(set) var rest: LoadMoment
    /// Once all were in.
    private(set) var arrived: LoadMoment
    /// Of ``moments``, the first and the last between which is measured.
    private(set) var window = 0..<0
    private(set) var deaf = (toSound: 0, toPictures: 0)

    init(_ plan: LoadPlan, server: any LoadTarget) throws {
        self.plan = plan
        self.server = server
        var random = SeededRandom(seed: plan.seed)
        let terms = try Self.terms(of: plan, server: server)
        let deeds = LoadDeeds()
        var crews: [LoadCrew] = []
        for index in 0..<plan.threads {
            let cpu = plan.cpus.isEmpty ? nil : plan.cpus[index % plan.cpus.count]
            let seed = random.next()
            crews.append(
                try LoadCrew(terms, index: index, cpu: cpu, deeds: deeds, seed: seed)
            )
        }
        self.crews = crews
        waves = server.waves(of: plan)
        expected = waves.reduce(0) { $0 + $1.count }
        progress = LoadProgress(people: expected)
        rest = LoadMoment(time: .zero, tally: LoadTally())
        arrived = rest
        rest = try look()
    }

    private static func terms(of plan: LoadPlan, server: any LoadTarget) throws -> LoadCrew.Terms {
        var random = SecureRandom()
        let now = Loop.readWallClock().seconds
        let certificate = try DTLSCertificate(
            notBefore: now - 3_600,
            notAfter: now + 7 * 86_400,
            using: &random
        )
        let profiles: [DTLSContext.Profile] =
            plan.profile == .gcm ? [.aeadAES128GCM] : [.aes128CMHMACSHA1_80]
        var terms = LoadCrew.Terms(
            target: server.address,
            home: try server.home,
            context: try DTLSContext(certificate, profiles: profiles)
        )
        terms.subprotocols = server.subprotocols
        terms.loss = plan.loss
        terms.habits.opensEvery = plan.opensEvery
        return terms
    }

    /// All of it. What has come of it is read from ``moments``.
    func play() throws {
        var came = 0
        for wave in waves {
            try bringIn(wave, after: came)
            came += wave.count
            try waitFor(came)
        }
        arrived = try look()
        try watch(for: plan.settle)
        for crew in crews { crew.forgetDelays() }
        _ = listen()
        let first = moments.count
        moments.append(try look())
        try watch(for: plan.duration)
        window = first..<moments.count - 1
        deaf = listen()
        for crew in crews { crew.tell(.rest) }
        progress.end()
    }

    func end() {
        for crew in crews { crew.tell(.leave) }
        // What they say on leaving is to be said.
        usleep(200_000)
        for crew in crews { crew.end() }
    }

    // MARK: - Steps

    private func bringIn(_ wave: [LoadNewcomer], after earlier: Int) throws {
        let began = Loop.readClock()
        let pause = plan.ramp * (1 / Double(max(expected, 1)))
        var random = SeededRandom(seed: plan.seed ^ UInt64(earlier) << 32)
        for (index, newcomer) in wave.enumerated() {
            let due = began + pause * Double(index)
            while Loop.readClock() < due { try pass(until: due) }
            let guest = newcomer.guest(SeededRandom(seed: random.next()), Loop.readClock())
            crews[index % crews.count].seat(
                guest,
                path: newcomer.path,
                fields: try newcomer.fields(),
                source: source(of: earlier + index)
            )
        }
    }

    /// One address has some 28,000 ports to call from.
    private func source(of index: Int) -> IPAddress? {
        guard server.address.ip.isLoopback, server.address.ip.family == .v4 else { return nil }
        return IPAddress(v4: 0x7F00_0002 + UInt32(index / 5_000))
    }

    /// Until so many are in, or as long as anybody still comes.
    private func waitFor(_ count: Int) throws {
        var last = (inside: -1, at: Loop.readClock())
        while true {
            let tally = try look().tally
            let failed = tally.failures.values.reduce(0, +)
            if tally.inside + failed >= count { return }
            let now = Loop.readClock()
            if tally.inside > last.inside { last = (tally.inside, now) }
            if now - last.at > .seconds(20) { return }
            try pass(until: now + .milliseconds(100))
        }
    }

    private func watch(for duration: Duration) throws {
        let end = Loop.readClock() + duration
        while Loop.readClock() < end { try pass(until: end) }
        moments.append(try look())
    }

    /// Lets time go by, and looks once a second.
    private func pass(until end: Instant) throws {
        let now = Loop.readClock()
        let next = start + .seconds(1) * Double(looks + 1)
        if now >= next {
            looks = Int((now - start) / .seconds(1))
            let moment = try look()
            progress.show(moment, after: moments.last)
            moments.append(moment)
            return
        }
        let pause = min(end - now, next - now, .milliseconds(250))
        if pause > .zero { usleep(UInt32(pause / .microseconds(1)) + 1) }
    }

    private var looks = 0

    private func look() throws -> LoadMoment {
        var moment = LoadMoment(time: Loop.readClock() - start, tally: LoadTally())
        for crew in crews {
            let (tally, processor) = crew.look()
            moment.tally.add(tally)
            moment.toolSeconds += processor / .seconds(1)
            moment.busiestSeconds = max(moment.busiestSeconds, processor / .seconds(1))
        }
        moment.time = Loop.readClock() - start
        moment.machineSeconds = try MachineReading.busySeconds()
        moment.toolBytes = try ProcessReading.residentBytes(of: getpid())
        if let pid = server.pid {
            moment.serverSeconds = try ProcessReading.cpuSeconds(of: pid)
            moment.serverBytes = try ProcessReading.residentBytes(of: pid)
        }
        return moment
    }

    private func listen() -> (toSound: Int, toPictures: Int) {
        crews.reduce(into: (0, 0)) { sum, crew in
            let deaf = crew.deaf()
            sum.0 += deaf.toSound
            sum.1 += deaf.toPictures
        }
    }
}
