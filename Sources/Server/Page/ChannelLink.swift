internal import Calls

/// Where the page of a channel is: what people are given to come to its call.
struct ChannelLink: Sendable {
    let text: String

    /// `site` is where people reach the node; without one, the link is relative to it.
    init(_ channel: ChannelID, at site: String) {
        text = "\(site)/\(channel)"
    }
}
