package import Distributed

/// The stable number by which nodes of any version know one method of a distributed actor.
///
/// Swift names a distributed method by mangling its signature, which another compiler or a renamed type
/// changes. So each method gets a number here, and is asked for once when the node starts: a call to
/// a reference that leads nowhere tells Swift's name for it. What comes over a link is looked up by
/// number in that list and nowhere else; no text of a stranger's ever reaches the runtime.
package struct WireName<Act>: Sendable
where Act: DistributedActor, Act.ActorSystem == ClusterSystem {
    let number: UInt64
    let knock: @Sendable (Act) async throws -> Void

    /// `knock` calls the method, with whatever arguments.
    package init(_ number: UInt64, _ knock: @escaping @Sendable (Act) async throws -> Void) {
        self.number = number
        self.knock = knock
    }
}

/// A distributed actor whose methods can be called over a link.
package protocol WireNamed: DistributedActor where ActorSystem == ClusterSystem {
    /// All of its distributed methods. Numbers are its type's own, and never given to another method.
    static var wireNames: [WireName<Self>] { get }
    /// Tells two types apart that have methods of one number.
    static var wireType: UInt64 { get }
}

extension WireNamed {
    static func number(of name: WireName<Self>) -> UInt64 { wireType << 16 | name.number }
}
