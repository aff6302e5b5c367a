internal import Basics
internal import Calls
internal import Crypto
internal import Wire

/// A way into one channel for whoever has it, until it ends or has been used often enough.
///
/// Its token is `<channel>-<secret>`, of whose secret only the hash is kept.
struct GuestLink: Hashable, Sendable {
    var id: Identifier
    var hash: [UInt8]
    var created: WallTime
    var expires: WallTime
    /// 0 for any number.
    var mostUses: Int
    var uses: Int

    func isOpen(at now: WallTime) -> Bool {
        now < expires && (mostUses == 0 || uses < mostUses)
    }

    static func hash(of secret: Identifier) -> [UInt8] { Digest.of(secret.utf8.span) }

    func write(to json: inout JSONWriter, in channel: ChannelID) {
        json.member("id", id.description)
        json.member("channel_id", channel.description)
        json.member("created_at", created.milliseconds)
        json.member("expires_at", expires.milliseconds)
        json.member("max_uses", mostUses)
        json.member("uses", uses)
    }

    // MARK: - As the store keeps those of one channel

    static func text(_ links: [GuestLink]) -> [UInt8] {
        var bytes: [UInt8] = []
        JSONWriter.append(to: &bytes) { json in
            json.beginArray()
            for link in links {
                json.beginObject()
                json.member("id", link.id.description)
                json.member("hash", Hex.encode(link.hash.span))
                json.member("created", link.created.milliseconds)
                json.member("expires", link.expires.milliseconds)
                json.member("max", link.mostUses)
                json.member("uses", link.uses)
                json.endObject()
            }
            json.endArray()
        }
        return bytes
    }

    static func read(_ bytes: [UInt8]) -> [GuestLink] {
        let limits = JSONLimits(depth: 3, elements: 16_384)
        let json = try? JSONValue(parsing: bytes.span, limits: limits)  // damaged: no link is open
        return (json?.array ?? []).compactMap { GuestLink($0) }
    }

    private init?(_ entry: JSONValue) {
        guard let id = entry["id"]?.string.flatMap({ Identifier($0) }),
            let hex = entry["hash"]?.string,
            let hash = try? Hex.decode(Array(hex.utf8).span),  // damaged: the link is not open
            let created = entry["created"]?.integer, let expires = entry["expires"]?.integer,
            let mostUses = entry["max"]?.integer, let uses = entry["uses"]?.integer
        else { return nil }
        self.id = id
        self.hash = hash
        self.created = WallTime(milliseconds: created)
        self.expires = WallTime(milliseconds: expires)
        self.mostUses = Int(mostUses)
        self.uses = Int(uses)
    }

    init(id: Identifier, hash: [UInt8], created: WallTime, expires: WallTime, mostUses: Int) {
        self.id = id
        self.hash = hash
        self.created = created
        self.expires = expires
        self.mostUses = mostUses
        uses = 0
    }
}
