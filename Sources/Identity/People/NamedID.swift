package import Basics
internal import Crypto

extension Identifier {
    /// The kinds of things that have names of their own elsewhere. One name is another id for another
    /// kind.
    package enum Kind: String, Sendable {
        case person
        case channel
        case team
    }

    /// The id for a name: the name itself if it is an id, else one made from its SHA-256.
    ///
    /// Stock clients accept 26 small letters and digits and nothing else, while an embedding app has
    /// names of its own, such as 42 or a UUID. The same name gives the same id on every node and after
    /// every restart; 134 bits of a hash keep two names apart.
    package init(naming name: String, as kind: Kind) {
        if let same = Identifier(name) {
            self = same
            return
        }
        let digest = Digest.of(Array("roost \(kind.rawValue)\0\(name)".utf8).span)
        let words = stride(from: 0, to: 32, by: 8).map { start in
            digest[start..<start + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        self.init(spelling: (words[0], words[1], words[2], words[3]))
    }
}
