/// The one extension spoken here: permessage-deflate (RFC 7692), always without context takeover.
///
/// Each message is compressed by itself. That costs some of the compression and is worth it: a
/// connection has no window to keep, and a message for many is compressed once.
package enum WebSocketDeflate {
    /// Shorter messages are sent plain: they gain little, and cost the same reset.
    package static let threshold = 256

    /// What both ends of a connection have agreed on.
    package struct Agreement: Hashable, Sendable {
        /// The base-2 logarithm of the window that the server may use: 9 to 15.
        package var serverWindowBits: Int

        package init(serverWindowBits: Int = 15) {
            self.serverWindowBits = serverWindowBits
        }
    }
}
