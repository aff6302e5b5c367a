/// Which of several members a channel falls to, so that all agree without asking: the one that draws
/// the highest number for it. If one goes, only what was its own falls to others.
package enum Rendezvous {
    package static func choice(for channel: Channel, among members: [MemberID]) -> MemberID? {
        var best: (score: UInt64, member: MemberID)?
        let channelHash = hash(channel.utf8)
        for member in members {
            let score = mix(channelHash ^ mix(hash(member.name.description.utf8) ^ member.nonce))
            if let best, (best.score, best.member) >= (score, member) { continue }
            best = (score, member)
        }
        return best?.member
    }

    /// FNV-1a.
    private static func hash(_ bytes: String.UTF8View) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    private static func mix(_ word: UInt64) -> UInt64 {
        var z = word
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
