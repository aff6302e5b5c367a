internal import Basics
internal import IO

/// Where a node can be dialled, as it says itself: an address or a name, and a port.
enum LinkAddress {
    enum Finding: Sendable {
        case found(SocketAddress)
        case missing(why: String)
    }

    /// Tells the address, at once if it is written out.
    static func find(
        _ text: String,
        _ resolver: NameResolver,
        _ tell: @escaping @Sendable (Finding) -> Void
    ) {
        if let address = try? SocketAddress(text) { return tell(.found(address)) }
        guard let colon = text.lastIndex(of: ":"),
            let port = UInt16(text[text.index(after: colon)...])
        else {
            return tell(.missing(why: "\(text) is no host and port; correct cluster.advertise"))
        }
        resolver.resolve(String(text[..<colon])) { answer in
            switch answer {
            case .success(let addresses):
                guard let ip = addresses.first else {
                    return tell(.missing(why: "\(text) has no address"))
                }
                tell(.found(SocketAddress(ip: ip, port: port)))
            case .failure(let fault): tell(.missing(why: fault.description))
            }
        }
    }
}
