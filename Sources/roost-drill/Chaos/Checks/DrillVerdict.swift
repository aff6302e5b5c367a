internal import Basics

/// What a history comes to: every violation of what must hold, and the figures beside.
package struct DrillVerdict: Sendable {
    package var violations: [Violation]
    package var recovery: RecoveryCheck
    package var sound: SoundCheck
    /// Acknowledged changes that were forgotten within the moment in which they may be.
    package var forgotten: Int
    /// How many claims were tried: pictures against acknowledged changes, and clients against pictures.
    package var comparisons: Int
    package var finalPictures: Int
    /// Milliseconds from asking to hearing, of what was done.
    package var deeds: [Double]
    package var unknown: Int
    package var failed: Int
    package var events: Int
    package var blows: Int
    /// How many times a mutex or a place was held.
    package var holds: Int

    package init(_ history: DrillHistory, bounds: DrillPlan.Bounds) {
        let acknowledged = AcknowledgedCheck(
            history,
            mayForget: bounds.mayForget,
            mayGoOn: bounds.mayGoOn
        )
        let pictures = PictureCheck(history)
        let lost = NobodyLostCheck(
            history,
            mayForget: bounds.mayForget,
            mayGoOn: bounds.mayGoOn
        )
        sound = SoundCheck(history)
        recovery = RecoveryCheck(history, patience: bounds.told)
        violations =
            LineCheck.violations(in: history) + acknowledged.violations + pictures.violations
            + OneCallCheck.violations(in: history) + lost.violations
            + recovery.violations + sound.violations + TokenCheck.violations(in: history)
        let held = HoldCheck(history, mayOverlap: bounds.mayOverlap)
        violations += held.violations
        holds = held.holds
        forgotten = acknowledged.forgotten.count + lost.forgotten
        comparisons = acknowledged.comparisons
        finalPictures = pictures.comparisons
        (deeds, unknown, failed, events, blows) = ([], 0, 0, 0, 0)
        var asked: [Int: Instant] = [:]
        var cut: [Int: Instant] = [:]
        for entry in history.entries {
            switch entry.what {
            case .asked(_, _, let serial): asked[serial] = entry.at
            case .answered(_, _, let serial, .ok):
                if let began = asked.removeValue(forKey: serial) {
                    deeds.append((entry.at - began) / .milliseconds(1))
                }
            case .answered(_, _, _, .failed): failed += 1
            case .cut(let person, _): cut[person] = entry.at
            case .answered(let person, let deed, let serial, .unknown):
                unknown += 1
                guard deed == .join || deed == .reconnect, let began = asked[serial],
                    cut[person].map({ $0 < began }) ?? true
                else { continue }
                violations.append(
                    Violation(
                        .answered,
                        at: began,
                        "person \(person) said \(deed.rawValue), and heard nothing of it"
                    )
                )
            case .heard: events += 1
            case .struck: blows += 1
            case .uneven(let node, let why):
                violations.append(Violation(.even, at: entry.at, "node \(node + 1) \(why)"))
            case .died(let node, let why):
                violations.append(Violation(.standing, at: entry.at, "node \(node + 1) \(why)"))
            default: break
            }
        }
        violations.sort { $0.at < $1.at }
    }
}
