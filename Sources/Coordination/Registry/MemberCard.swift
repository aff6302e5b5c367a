/// What the others need to know of a member to reach it and to work with it. It does not change
/// within a life.
package struct MemberCard: Hashable, Sendable {
    /// Longer addresses are cut off by whoever writes the card.
    package static let addressLimit = 255

    /// Where links of the cluster go, as "host:port".
    package var cluster: String
    /// Where clients are sent whose own way to a node is barred, as a URL; empty if they can't be.
    package var web: String
    /// Where media goes, as "address:port", for the operator's eyes.
    package var media: String
    /// The versions of the cluster's protocol that the member speaks.
    package var oldestVersion: UInt16
    package var newestVersion: UInt16

    package init(
        cluster: String,
        web: String = "",
        media: String = "",
        oldestVersion: UInt16 = 1,
        newestVersion: UInt16 = 1
    ) {
        self.cluster = cluster
        self.web = web
        self.media = media
        self.oldestVersion = oldestVersion
        self.newestVersion = newestVersion
    }

    /// Whether the two have a version of the protocol in common.
    package func understands(_ other: MemberCard) -> Bool {
        oldestVersion <= other.newestVersion && other.oldestVersion <= newestVersion
    }
}
