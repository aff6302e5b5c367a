/// What is set for one channel.
package struct ChannelRecord: Hashable, Sendable {
    package var id: String
    /// Whether calls are allowed here; nil where nobody has decided, so that the default holds.
    package var isEnabled: Bool?
    /// The channel's other settings, as JSON.
    package var props: String

    package init(id: String, isEnabled: Bool? = nil, props: String = "{}") {
        self.id = id
        self.isEnabled = isEnabled
        self.props = props
    }
}
