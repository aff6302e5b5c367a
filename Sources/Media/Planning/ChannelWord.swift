/// One message over a data channel.
package struct ChannelWord: Hashable, Sendable {
    package var isText: Bool
    package var bytes: [UInt8]

    package init(isText: Bool, _ bytes: [UInt8]) {
        self.isText = isText
        self.bytes = bytes
    }
}
