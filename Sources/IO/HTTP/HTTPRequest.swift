package import Basics
package import Wire

/// A request as a service sees it: what was asked, by whom, and over what.
package struct HTTPRequest: Sendable {
    package let head: HTTPRequestHead
    /// The person's address: the peer's, or what trusted proxies say of it.
    package let client: IPAddress
    /// Whether the person's side of the conversation is encrypted, here or at a trusted proxy.
    package let isSecure: Bool
    /// The loop the connection lives on; work that is answered later runs there too.
    package let loop: Loop

    package init(head: HTTPRequestHead, client: IPAddress, isSecure: Bool, loop: Loop) {
        self.head = head
        self.client = client
        self.isSecure = isSecure
        self.loop = loop
    }
}
