package import Basics

/// Whether other nodes can reach this one where they are told to.
package struct ClusterAddressCheck: Check {
    private let listen: SocketAddress
    private let told: Endpoint
    private let redis: String

    /// `redis` is the host that the nodes meet at.
    package init(listen: SocketAddress, told: Endpoint, redis: String) {
        self.listen = listen
        self.told = told
        self.redis = redis
    }

    package var name: String { "cluster address" }

    package func look() -> Outcome {
        let addresses: [IPAddress]
        do throws(Resolver.Fault) {
            addresses = try Resolver.addresses(of: told.host)
        } catch {
            return .warn(
                "\(error), unless other nodes know more",
                remedy: "set cluster.advertise to a name or address that all nodes can look up"
            )
        }
        let isLocal = addresses.allSatisfy(\.isLoopback) || listen.ip.isLoopback
        guard isLocal else { return .ok("others are told \(told)") }
        let others = try? Resolver.addresses(of: redis)
        if others?.allSatisfy(\.isLoopback) == true {
            return .ok("others are told \(told); only nodes of this machine can use it")
        }
        return .warn(
            "others are told \(told), which only this machine can reach",
            remedy: "set cluster.listen to this machine's address in the network of the nodes"
        )
    }
}
