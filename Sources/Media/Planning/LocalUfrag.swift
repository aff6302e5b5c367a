/// Our names in connectivity checks: sixteen letters, the first of which says on which shard the call is,
/// so that whichever thread gets a check knows whose it is. The others are drawn; the first eight
/// together are what a board finds its peer by.
package enum LocalUfrag {
    private static let letters = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )

    /// So many shards have a letter.
    package static let shardLimit = 64

    package static func make(
        for shard: Int,
        using random: inout some RandomNumberGenerator
    ) -> String {
        var name = [letters[shard % shardLimit]]
        for _ in 1..<16 { name.append(letters[Int(random.next() & 63)]) }
        return String(decoding: name, as: UTF8.self)
    }

    /// Which shard a name of ours leads to, by its first byte; nil if it is none of ours.
    package static func shard(_ first: UInt8) -> Int? {
        switch first {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): Int(first - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(first - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(first - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }
}
