internal import Basics
internal import Calls
internal import Crypto
internal import IO
internal import Identity
internal import Store
internal import Wire

/// Makes, lists, ends and redeems guest links: the links of a channel are one document in the store, changed
/// by comparing its version, so that the last use of a link is used once.
struct GuestLinkDesk: Sendable {
    let store: any DurableStore

    /// Answers the link and its token, which is shown this once.
    func make(
        in channel: ChannelID,
        lasting seconds: Int,
        mostUses: Int,
        limit: Int
    ) async throws(AppFault) -> (GuestLink, token: String) {
        var random = SecureRandom()
        let secret = Identifier(using: &random)
        let now = Self.now
        let link = GuestLink(
            id: Identifier(using: &random),
            hash: GuestLink.hash(of: secret),
            created: now,
            expires: WallTime(seconds: now.seconds + Int64(seconds)),
            mostUses: mostUses
        )
        try await change(channel) { (links: inout [GuestLink]) throws(AppFault) in
            links.removeAll { !$0.isOpen(at: now) }
            guard links.count < limit else {
                throw AppFault(
                    .conflict,
                    "the channel has \(limit) links, as many as calls.guest_links allows; end some"
                )
            }
            links.append(link)
        }
        return (link, "\(channel)-\(secret)")
    }

    func list(_ channel: ChannelID) async throws(AppFault) -> [GuestLink] {
        do throws(StoreFault) {
            return try await store.value(of: Self.key(channel)).map { GuestLink.read($0.bytes) }
                ?? []
        } catch {
            throw AppFault(error)
        }
    }

    func revoke(_ id: Identifier, in channel: ChannelID) async throws(AppFault) {
        try await change(channel) { (links: inout [GuestLink]) throws(AppFault) in
            let count = links.count
            links.removeAll { $0.id == id }
            guard links.count < count else { throw .notFound }
        }
    }

    /// Counts a use, and answers the guest that it lets in.
    func redeem(_ token: String, name: String) async throws(AppFault) -> (Principal, ChannelID) {
        let parts = token.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let channel = Identifier(parts[0]).map({ ChannelID($0) }),
            let secret = Identifier(parts[1])
        else { throw Self.closed }
        let hash = GuestLink.hash(of: secret)
        let now = Self.now
        try await change(channel) { (links: inout [GuestLink]) throws(AppFault) in
            let index = links.firstIndex { $0.hash.isEqualInConstantTime(to: hash) }
            guard let index, links[index].isOpen(at: now) else { throw Self.closed }
            links[index].uses += 1
        }
        var random = SecureRandom()
        let id = Identifier(using: &random)
        let guest = Principal(
            id: id,
            username: "guest-\(id.description.prefix(8))",
            displayName: name,
            provider: .guest,
            rightsByChannel: [channel.identifier: [.read, .join]]
        )
        return (guest, channel)
    }

    private static let closed = AppFault(
        .notFound,
        "this link is not open: it has ended, was used up, or never was; ask for another"
    )

    /// Reads, changes and writes, anew as long as others are faster.
    private func change(
        _ channel: ChannelID,
        _ body: (inout [GuestLink]) throws(AppFault) -> Void
    ) async throws(AppFault) {
        for _ in 0..<20 {
            let value: VersionedValue?
            do throws(StoreFault) {
                value = try await store.value(of: Self.key(channel))
            } catch {
                throw AppFault(error)
            }
            var links = value.map { GuestLink.read($0.bytes) } ?? []
            try body(&links)
            do throws(StoreFault) {
                let written = try await store.write(
                    GuestLink.text(links),
                    to: Self.key(channel),
                    ifVersion: value?.version
                )
                if written != nil { return }
            } catch {
                throw AppFault(error)
            }
        }
        throw AppFault(.serviceUnavailable, "too many use this channel's links at once; try again")
    }

    private static func key(_ channel: ChannelID) -> String { "guest-links/\(channel)" }

    private static var now: WallTime {
        let (seconds, nanoseconds) = Loop.readWallClock()
        return WallTime(seconds: seconds, nanoseconds: Int32(nanoseconds))
    }
}
