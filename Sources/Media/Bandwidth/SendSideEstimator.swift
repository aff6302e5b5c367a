package import Basics

/// How much a viewer's path carries, told by us, who send, from the viewer's transport-cc reports
/// (draft-ietf-rmcat-gcc-02). One for each viewer.
///
///     sent(size:at:) -> number             every packet that bears the number, when it leaves
///     beginFeedback(referenceTime:at:)     a report: its packets one by one, in its order,
///       acknowledge(number, offset)          with their arrival in ticks of 250 us since the
///     endFeedback(at:)                       reference time, or nil
///     estimate                             may have changed after `endFeedback` and `advance`
///     seek(rate, at:)                      more than the estimate would be of use
///     paddingDue(at:)                      bytes to be sent for a probe, besides media
///     advance(to:), deadline
///
///     reports -> PacketGroups -> TrendlineFilter -> OveruseDetector -> DelayRate --+
///             -> AcknowledgedRate ------------------------------------^            +-> least
///             -> counts of lost ---------------------------------- -> LossRate ----+
///             -> ProbePlanner -> raises both
///
/// There is no pacer: packets leave in the runs and at the distances at which their publisher, who
/// paces, sent them (a run is at most 16 packets or 2 ms, to be sent in one call), so holding them
/// again would cost a timer a packet and smooth nothing. Runs are groups to the filter anyway, and a
/// group's growth is told from its last packet.
///
/// A resent packet that keeps its SSRC keeps its transport-wide number too and is not announced here
/// again; one of an RTX stream is.
///
/// Whatever a report claims, the worst is a wrong estimate for the viewer that claims it, within the
/// range of the settings.
///
/// `sent` is on the path of every packet: no allocation. 6 KiB, and up to 18 where more leaves in two
/// seconds than there is room for at first.
package struct SendSideEstimator: ~Copyable {
    package struct Settings: Hashable, Sendable {
        package var start: Bitrate
        package var least: Bitrate
        package var most: Bitrate

        package init(
            start: Bitrate = .kilobits(500),
            least: Bitrate = .kilobits(30),
            most: Bitrate = .kilobits(20_000)
        ) {
            self.start = start
            self.least = least
            self.most = max(most, least)
        }
    }

    private var history = TransportHistory()
    private var sending = RateMeter()
    private var groups = PacketGroups()
    private var trend = TrendlineFilter()
    private var detector = OveruseDetector()
    private var acknowledged = AcknowledgedRate()
    private var delayRate: DelayRate
    private var lossRate: LossRate
    private var probes = ProbePlanner()
    private let settings: Settings

    /// What somebody would like to send.
    private var wanted: Double?
    package private(set) var roundTrip = Duration.milliseconds(100)
    private var roundTripSeconds = 0.1
    private var hasRoundTrip = false

    // The report being read.
    private var now: Int64 = 0
    private var steps = 0
    /// When the detector last had news.
    private var lastStep: Int64 = .min
    private var newestArrival = Int64.min
    private var newestSent = Int64.min

    // The losses being counted.
    private var windowBegin: Int64 = .min
    private var windowPackets = 0
    private var windowBytes = 0
    private var windowLost = 0

    /// The viewer's clock in units of 250 us, unwrapped, and the 24 bits it was last told by.
    private var reference: Int64 = 0
    private var referenceBits: UInt32 = 0
    private var hasReference = false

    /// When the first packet left that nothing has been heard of, and how many have.
    private var unheardSince: Int64 = .max
    private var unheard = 0

    package init(_ settings: Settings = Settings()) {
        self.settings = settings
        let range = settings.least.fraction...settings.most.fraction
        delayRate = DelayRate(start: settings.start.fraction, range: range)
        lossRate = LossRate(range: range)
    }

    package var estimate: Bitrate {
        Bitrate(fraction: min(delayRate.rate, lossRate.limit ?? .infinity))
    }

    /// What the path loses whatever it is given, as far as is known.
    package var ownLoss: Double { lossRate.own }

    /// What arrived lately; nil while that is not known.
    package var arriving: Bitrate? { acknowledged.long.map(Bitrate.init(fraction:)) }

    package var verdict: OveruseDetector.Verdict { detector.verdict }

    /// When to call ``advance(to:)``, and ``paddingDue(at:)`` after it.
    package var deadline: Instant? {
        var earliest = Int64.max
        if let probe = probes.deadline { earliest = probe.nanoseconds }
        if let plan = probes.nextPlan, let wanted, wanted > estimate.fraction {
            earliest = min(earliest, plan.nanoseconds)
        }
        if let fade { earliest = min(earliest, fade) }
        return earliest == .max ? nil : Instant(nanoseconds: earliest)
    }

    // MARK: Sending

    /// Notes that a packet leaves, and gives it its transport-wide number. `size` as on the wire.
    package mutating func sent(size: Int, at now: Instant) -> UInt16 {
        sending.count(bytes: size, at: now)
        if unheardSince == .max { unheardSince = now.nanoseconds }
        unheard &+= 1
        let probe = probes.sent(size: size, at: now)
        return history.append(size: size, time: now.nanoseconds / 1_000, probe: probe)
    }

    /// How many bytes a probe wants to leave now: resent packets of the viewer's RTX stream, or
    /// padding. To be asked at the deadline.
    package mutating func paddingDue(at now: Instant) -> Int {
        probes.paddingDue(at: now)
    }

    /// This rate would be of use; nil: there is enough. Probes are planned towards it, when it is more
    /// than the estimate.
    package mutating func seek(_ rate: Bitrate?, at now: Instant) {
        wanted = rate.map { min($0, settings.most).fraction }
        plan(at: now)
    }

    // MARK: Hearing

    /// A report begins. `referenceTime` as it stands there: 24 bits, units of 64 ms.
    package mutating func beginFeedback(referenceTime: UInt32, at now: Instant) {
        let bits = referenceTime & 0xFF_FFFF
        let step = Int64(Int32(bitPattern: (bits &- referenceBits) << 8)) &>> 8
        reference &+= step &* 256
        referenceBits = bits
        // Before anything can overflow, which takes a peer that turns its clock a million times.
        if !hasReference || reference > 1 << 50 || reference < -1 << 50 {
            reference = Int64(bits) << 8
            hasReference = true
        }
        self.now = now.nanoseconds
        history.widen(at: self.now / 1_000)
        steps = 0
        newestArrival = .min
        newestSent = .min
    }

    /// What the report says of a packet: `offset` in ticks of 250 us since the reference time, nil if
    /// it is missing. Numbers that were never given, or are old, are passed over.
    package mutating func acknowledge(_ sequence: UInt16, offset: Int?) {
        guard let offset else {
            if let packet = history.settle(sequence, as: .lost) {
                windowPackets &+= 1
                windowBytes &+= Int(packet.size)
                windowLost &+= 1
                if packet.probe != 0 { probes.lost(packet.probe) }
            }
            return
        }
        guard let packet = history.settle(sequence, as: .arrived) else { return }
        let arrival = (reference &+ Int64(Int32(clamping: offset))) &* 250
        let micros = now / 1_000
        let sent = micros &- Int64(UInt32(truncatingIfNeeded: micros) &- packet.time)
        if history.untoldBytes > 0 {
            acknowledged.add(untold: history.untoldBytes, until: arrival)
            history.untoldBytes = 0
        }
        if packet.fate != .untold {
            acknowledged.add(bytes: Int(packet.size), arrival: arrival)
        }
        // What was called lost and came after all counts as lost: it came too late to be of use.
        guard packet.fate != .lost else { return }
        windowPackets &+= 1
        windowBytes &+= Int(packet.size)
        if arrival >= newestArrival {
            newestArrival = arrival
            newestSent = sent
        }
        if packet.probe != 0 {
            // The queue that a probe makes is no news.
            probes.arrived(packet.probe, size: Int(packet.size), sent: sent, arrival: arrival)
        } else if let step = groups.add(sent: sent, arrival: arrival) {
            steps &+= 1
            lastStep = now
            trend.add(step)
            detector.add(trend, step: step.sent, now: Double(micros) / 1_000)
        }
    }

    package mutating func endFeedback(at now: Instant) {
        guard newestSent != .min || windowPackets > 0 else { return }
        unheardSince = .max
        unheard = 0
        delayRate.resume()
        if newestSent != .min {
            note(roundTripMicros: now.nanoseconds / 1_000 &- newestSent)
        }
        let hasNews = steps > 0 || detector.verdict != .overuse
        if hasNews {
            let seen = DelayRate.Measured(
                verdict: detector.verdict,
                arriving: acknowledged.short,
                arrivingLong: acknowledged.long,
                sending: sending.recent(at: now),
                roundTrip: roundTripSeconds
            )
            delayRate.update(seen, now: Double(now.nanoseconds) / 1e9)
            if detector.verdict == .overuse { probes.hold(until: now + .seconds(2)) }
        }
        closeLossWindow()
        settleProbe(at: now)
    }

    /// The round trip as somebody else measured it, by sender reports or checks.
    package mutating func measured(roundTrip: Duration) {
        let (seconds, attoseconds) = roundTrip.components
        guard seconds >= 0, seconds < 60 else { return }
        note(roundTripMicros: seconds * 1_000_000 + attoseconds / 1_000_000_000_000)
    }

    /// Time passes: probes begin and end, and an estimate that nothing confirms fades.
    package mutating func advance(to now: Instant) {
        settleProbe(at: now)
        if let fade, now.nanoseconds >= fade {
            delayRate.fade()
            // The next step in half a second.
            unheardSince = now.nanoseconds - silence + 500_000_000
            unheard = 0
        }
        plan(at: now)
    }

    // MARK: Private

    /// How long to hear nothing before it means something.
    private var silence: Int64 { 1_000_000_000 + Int64(3e9 * roundTripSeconds) }

    /// When the estimate fades next. Not for want of packets to be heard of, nor for a viewer that
    /// has never told anything: that one does not know how to.
    private var fade: Int64? {
        hasReference && unheard >= 5 ? unheardSince &+ silence : nil
    }

    private mutating func note(roundTripMicros: Int64) {
        let sample = min(max(Double(roundTripMicros) / 1e6, 0.001), 10)
        roundTripSeconds =
            hasRoundTrip ? roundTripSeconds + (sample - roundTripSeconds) / 8 : sample
        hasRoundTrip = true
        roundTrip = .microseconds(Int64(roundTripSeconds * 1e6))
    }

    private mutating func closeLossWindow() {
        if windowBegin == .min { windowBegin = now }
        let elapsed = Double(now &- windowBegin) / 1e9
        guard elapsed > 0 else {
            // After a cut, until what left before it has been told of.
            forgetWindow()
            return
        }
        let isFull = elapsed >= 0.3 && windowPackets >= 40 || elapsed >= 1.5 && windowPackets >= 10
        guard isFull || elapsed >= 5 else { return }
        var begin = now
        if isFull {
            let window = LossRate.Window(
                packets: windowPackets,
                lost: windowLost,
                seconds: elapsed,
                sending: Double(windowBytes) * 8 / elapsed
            )
            if lossRate.update(window, rate: delayRate.rate) {
                begin &+= Int64(roundTripSeconds * 1e9)
            }
        }
        windowBegin = begin
        forgetWindow()
    }

    private mutating func forgetWindow() {
        windowPackets = 0
        windowBytes = 0
        windowLost = 0
    }

    private mutating func settleProbe(at now: Instant) {
        if case .measured(let rate) = probes.outcome(at: now), !isOverused(at: now) {
            delayRate.probed(rate)
            lossRate.probed(rate)
        }
        plan(at: now)
    }

    /// An overuse that was seen long ago says nothing: since then only probes may have been sent.
    private func isOverused(at now: Instant) -> Bool {
        detector.verdict == .overuse && now.nanoseconds < lastStep &+ 1_000_000_000
    }

    private mutating func plan(at now: Instant) {
        if let wanted { probes.plan(wanted, estimate: estimate.fraction, at: now) }
    }
}
