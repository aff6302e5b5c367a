internal import Basics

/// What a dead member has left behind, and how often this one has looked for its part.
struct Estate: Sendable {
    /// For so many rounds each takes its own part only; then whoever comes first takes the rest.
    static let sharedRounds = 2

    var rounds = 0
    var next: Instant
}

/// Taking over what dead members hosted.
extension PlacementBook {
    mutating func inherit(_ standing: Standing, _ now: Instant) {
        for member in estates.keys.sorted() where (standing[member]?.orphans ?? 0) == 0 {
            estates[member] = nil
        }
        // Somebody who has not said again what it hosts may host what the dead one is noted with.
        guard standing.obstacle == nil, !needsInquiry(standing), hosted.count < Self.hostedLimit
        else { return }
        for member in standing.members where !member.isAlive && member.orphans > 0 {
            var estate = estates[member.member] ?? Estate(next: now)
            if now >= estate.next {
                estate.rounds += 1
                estate.next = now + standing.pace.lease / 2
                ask(.list(member.member, from: 0))
            }
            estates[member.member] = estate
            retry(at: estate.next)
        }
    }

    /// Who shares in what a dead member left: whoever is fit for calls, or everybody if nobody is.
    func heirs(_ standing: Standing) -> [MemberID] {
        let others = standing.members.filter(\.isAlive)
        let fit = others.filter(\.isFit).map(\.member) + (standing.isFit ? [standing.me] : [])
        return fit.isEmpty ? others.map(\.member) + [standing.me] : fit
    }
}
