package import Basics
internal import IO

/// The addresses that this machine has.
package struct LocalAddresses: Sendable {
    package var all: [IPAddress]

    package init(_ all: [IPAddress]) {
        self.all = all
    }

    /// Asks the kernel, which lists those of interfaces that are up and down alike.
    package static func found() -> LocalAddresses {
        // A kernel that won't say is found out by the check of what it said: nothing.
        LocalAddresses((try? InterfaceAddresses.found())?.all ?? [])
    }

    /// Those that another machine may know this one by.
    package var outward: [IPAddress] {
        all.filter { !$0.isLoopback && !$0.isLinkLocal }
    }
}

extension IPAddress {
    /// What kind of address this is, in a word for operators.
    var kind: String {
        if isUnspecified { return "unspecified" }
        if isLoopback { return "loopback" }
        return isPrivate ? "private" : "public"
    }
}

/// Which addresses the machine answers to.
package struct LocalAddressCheck: Check {
    private let local: LocalAddresses

    package init(_ local: LocalAddresses) {
        self.local = local
    }

    package var name: String { "own addresses" }

    package func look() -> Outcome {
        guard !local.outward.isEmpty else {
            return .warn(
                "none but loopback: nobody else can call",
                remedy:
                    "ip address show    # bring an interface up, or give the container a network"
            )
        }
        let list = local.outward.map { "\($0) (\($0.kind))" }
        return .ok(list.joined(separator: ", "))
    }
}
