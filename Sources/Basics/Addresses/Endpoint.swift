/// Where something can be reached, by a name that is yet to be resolved or by an address.
package struct Endpoint: Hashable, Sendable {
    /// A name, or an address without brackets.
    package var host: String
    package var port: UInt16

    package init(host: String, port: UInt16) {
        self.host = host
        self.port = port
    }

    package init(_ address: SocketAddress) {
        self.init(host: address.ip.description, port: address.port)
    }

    /// `host:port`, `[v6]:port`, or the host alone if there is a usual port.
    package init?(_ text: String, usualPort: UInt16? = nil) {
        guard text.utf8.count <= 261, text.utf8.allSatisfy(Self.isPlain),
            let (host, port) = HostAndPort.split(text, usual: usualPort ?? 0),
            port > 0, !host.isEmpty, host.utf8.count <= 253
        else { return nil }
        self.init(host: host, port: port)
    }

    /// What names and addresses are made of, with what stands around them.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"),
            UInt8(ascii: "%"):
            true
        default: false
        }
    }
}

extension Endpoint: CustomStringConvertible {
    package var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
