internal import Basics
internal import Media

extension STUNServer {
    /// Where the server is, by its name. Of several addresses the first of IPv4, if there is any.
    func address() throws(Resolver.Fault) -> SocketAddress {
        let all = try Resolver.addresses(of: host)
        guard let ip = all.first(where: { $0.family == .v4 }) ?? all.first else {
            throw Resolver.Fault(name: host, why: "it has no address")
        }
        return SocketAddress(ip: ip, port: port)
    }
}
