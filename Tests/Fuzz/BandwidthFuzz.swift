import Basics
import Media

/// Reports of any content, in any order, from any clock: the estimate stays in the range of its
/// settings, padding is bounded, no number is given twice in a row, and what a recorder says can be
/// written into the fields of a report.
let fuzzBandwidth: FuzzTarget = { bytes in
    let least = Bitrate.kilobits(30)
    let most = Bitrate.kilobits(5_000)
    var estimator = SendSideEstimator(.init(start: .kilobits(300), least: least, most: most))
    var recorder = TransportFeedbackRecorder()
    var input = Input(bytes)
    var now = Instant(nanoseconds: 1)
    var next: UInt16 = 0
    while let action = input.byte() {
        now = now + .microseconds(Int64(input.short()) * (action >= 128 ? 100 : 1))
        switch action % 8 {
        case 0:
            precondition(estimator.sent(size: Int(input.short()), at: now) == next)
            next &+= 1
        case 1:
            for _ in 0..<32 {
                precondition(estimator.sent(size: 1_200, at: now) == next)
                next &+= 1
            }
        case 2: estimator.beginFeedback(referenceTime: input.long(), at: now)
        case 3:
            let offset = Int(Int32(bitPattern: input.long()))
            estimator.acknowledge(next &- input.short(), offset: offset == 0 ? nil : offset)
        case 4: estimator.endFeedback(at: now)
        case 5:
            estimator.seek(Bitrate(bitsPerSecond: Int64(input.long()) << 8), at: now)
            estimator.advance(to: now)
        case 6:
            let padding = estimator.paddingDue(at: now)
            precondition(padding >= 0 && padding <= 250_000, "a probe is a short one")
        default: recorder.received(input.short(), at: now)
        }
        precondition(estimator.estimate >= least && estimator.estimate <= most)
        precondition(estimator.ownLoss >= 0 && estimator.ownLoss <= 0.5)
        if let deadline = recorder.deadline, deadline <= now { check(&recorder, at: now) }
    }
}

private func check(_ recorder: inout TransportFeedbackRecorder, at now: Instant) {
    var reports = 0
    while let report = recorder.take(at: now) {
        reports += 1
        precondition(reports <= 1_024, "there is an end of reports")
        precondition(report.count >= 1 && report.count <= 1_024)
        precondition(report.referenceTime <= 0xFF_FFFF)
        var last = 0
        var received = 0
        for index in 0..<report.count {
            guard let arrival = recorder.arrival(of: index, in: report) else { continue }
            precondition(received > 0 || (0...255).contains(arrival), "the first fits a byte")
            precondition(Int(Int16(clamping: arrival - last)) == arrival - last)
            last = arrival
            received += 1
        }
        precondition(received >= 1 && received <= 400)
    }
}

/// Packets of any loudness from anybody, also from those who left: never more are passed on than may
/// be, and a replay begins where nothing was passed on, 200 ms ago at most.
let fuzzVoice: FuzzTarget = { bytes in
    var input = Input(bytes)
    let limit = Int((input.byte() ?? 0) % 5)
    var speakers = LoudestSpeakers(limit: limit, capacity: 16)
    var voice = VoiceActivity()
    var passed = [Instant](repeating: Instant(nanoseconds: 0), count: 16)
    var now = Instant(nanoseconds: 1)
    while let action = input.byte() {
        now = now + .microseconds(Int64(action) * 100)
        let slot = Int(input.byte() ?? 0) % 18 - 1
        switch action % 8 {
        case 0:
            if let slot = speakers.enter() { passed[slot] = Instant(nanoseconds: 0) }
        case 1: speakers.leave(slot)
        default:
            let level = input.byte() ?? 0
            let sound = LoudestSpeakers.Sound(
                level: action % 8 == 2 ? nil : level,
                hasVoice: level < 128,
                size: Int(level)
            )
            let answer = speakers.heard(slot, sound, at: now)
            if case .admit(let from) = answer {
                precondition(from > passed[slot] && from < now)
                precondition(now - from <= .milliseconds(200))
            }
            if answer != .drop {
                precondition(speakers.isForwarded(slot))
                passed[slot] = now
            }
            let wasOn = voice.isOn
            let change = voice.heard(level, at: now)
            precondition(change == nil ? voice.isOn == wasOn : voice.isOn != wasOn)
        }
        var forwarded = 0
        for slot in 0..<16 where speakers.isForwarded(slot) { forwarded += 1 }
        precondition(limit == 0 || forwarded <= limit)
        precondition(speakers.count <= 16)
    }
}

private struct Input {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func byte() -> UInt8? {
        guard place < bytes.count else { return nil }
        place += 1
        return bytes[place - 1]
    }

    /// Zero when there is no more.
    mutating func short() -> UInt16 {
        UInt16(byte() ?? 0) << 8 | UInt16(byte() ?? 0)
    }

    mutating func long() -> UInt32 {
        UInt32(short()) << 16 | UInt32(short())
    }
}
