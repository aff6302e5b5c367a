package import Basics
internal import Glibc
internal import IO

/// Host names to addresses, as this machine resolves them.
package enum Resolver {
    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        package var name: String
        package var why: String

        package var description: String { "\(name) is not known: \(why)" }
    }

    /// Bounds what a silent name server may cost, for every later question of this process.
    package static func beImpatient() {
        unsafe setenv("RES_OPTIONS", "timeout:1 attempts:1", 0)
    }

    /// The addresses of a name, or the one that the text spells; without doubles.
    package static func addresses(of name: String) throws(Fault) -> [IPAddress] {
        do throws(AddressFault) {
            return [try IPAddress(name)]
        } catch {
            return try lookUp(name)
        }
    }

    private static func lookUp(_ name: String) throws(Fault) -> [IPAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)  // or each address comes thrice
        var first: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(name, nil, &hints, &first)
        guard code == 0 else {
            throw Fault(name: name, why: unsafe String(cString: gai_strerror(code)))
        }
        defer { unsafe freeaddrinfo(first) }
        var addresses: [IPAddress] = []
        var next = unsafe first
        while let entry = unsafe next {
            let address = unsafe SocketAddress(copying: entry.pointee.ai_addr)
            if let ip = address?.ip, !addresses.contains(ip) { addresses.append(ip) }
            unsafe next = entry.pointee.ai_next
        }
        return addresses
    }
}
