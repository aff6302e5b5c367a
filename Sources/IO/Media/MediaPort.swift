internal import Basics
internal import CLinux
internal import Glibc

/// One UDP port on several addresses, for several threads: a socket for each thread and address.
///
/// The sockets of one address share its port (SO_REUSEPORT), and the kernel deals datagrams among
/// them by a hash over both ends, so that a client stays with its thread as long as the number of
/// sockets stays. All of them are therefore bound before anybody reads.
///
/// SO_REUSEPORT would also let a second node on this machine slip into the port, and take half of
/// the clients. So the first socket of each address is bound without it, which fails if anybody at
/// all has the port, and opened to the others only then.
struct MediaPort {
    /// By thread, then by address.
    var descriptors: [[Int32]]
    var bound: [SocketAddress]

    static func bind(
        on addresses: [IPAddress],
        port: UInt16,
        threads: Int,
        setting: String
    ) throws(SystemFault) -> MediaPort {
        var attempts = 0
        while true {
            do {
                return try bindOnce(on: addresses, port: port, threads: threads, setting: setting)
            } catch {
                // A free port of one address may be somebody's of another.
                attempts += 1
                guard port == 0, error.code == EADDRINUSE, attempts < 16 else { throw error }
            }
        }
    }

    private static func bindOnce(
        on addresses: [IPAddress],
        port: UInt16,
        threads: Int,
        setting: String
    ) throws(SystemFault) -> MediaPort {
        var made = MediaPort(descriptors: Array(repeating: [], count: threads), bound: [])
        do throws(SystemFault) {
            var port = port
            for ip in addresses {
                let address = SocketAddress(ip: ip, port: port)
                let first = try bind(address, isFirst: true, setting: setting)
                made.descriptors[0].append(first)
                let bound = try Socket.name(of: first)
                port = bound.port
                made.bound.append(bound)
                guard threads > 1 else { continue }
                Socket.setOption(first, SOL_SOCKET, roost_so_reuseport, 1)
                for thread in 1..<threads {
                    let next = try bind(bound, isFirst: false, setting: setting)
                    made.descriptors[thread].append(next)
                }
            }
        } catch {
            for descriptor in made.descriptors.joined() { Glibc.close(descriptor) }
            throw error
        }
        return made
    }

    private static func bind(
        _ address: SocketAddress,
        isFirst: Bool,
        setting: String
    ) throws(SystemFault) -> Int32 {
        let target = KernelAddress(address)
        let descriptor = try Socket.open(target.isIPv6 ? AF_INET6 : AF_INET, SOCK_DGRAM)
        if !isFirst { Socket.setOption(descriptor, SOL_SOCKET, roost_so_reuseport, 1) }
        prepare(descriptor, isIPv6: target.isIPv6)
        let status = unsafe target.withPointer { unsafe Glibc.bind(descriptor, $0, $1) }
        guard status == 0 else {
            let fault = Socket.failing(descriptor, "take port \(address.port)/udp of \(address.ip)")
            throw explained(fault, transport: "udp", port: address.port, setting: setting)
        }
        return descriptor
    }

    /// The fault with what can be done about it, where that is known.
    static func explained(
        _ fault: SystemFault,
        transport: String,
        port: UInt16,
        setting: String
    ) -> SystemFault {
        var fault = fault
        switch fault.code {
        case EADDRINUSE:
            let letter = transport == "udp" ? "u" : "t"
            fault.remedy =
                "port \(port)/\(transport) is taken by another program; set \(setting), or stop it "
                + "(ss -\(letter)lpn 'sport = :\(port)' shows which)"
        case EADDRNOTAVAIL:
            fault.remedy = "this machine has no such address, or not yet"
        case EACCES:
            fault.remedy = "ports below 1024 are for root; set \(setting) to a higher one"
        default:
            break
        }
        return fault
    }

    private static func prepare(_ descriptor: Int32, isIPv6: Bool) {
        // A burst of a thousand packets must fit, also while the thread is busy with another. Asked
        // with root's word first, since the usual limit of the system is 208 KiB.
        for (forced, asked) in [
            (roost_so_receive_buffer_force, SO_RCVBUF), (roost_so_send_buffer_force, SO_SNDBUF),
        ] {
            Socket.setOption(descriptor, SOL_SOCKET, asked, Int32(bufferSize))
            Socket.setOption(descriptor, SOL_SOCKET, forced, Int32(bufferSize))
        }
        // No path MTU discovery. Our packets stay near 1,250 bytes, which nearly every path carries,
        // and a router that must may fragment them: a packet in two pieces beats one that is lost.
        // For IPv4 the kernel is also told to ignore "fragmentation needed", which anybody can
        // forge, down to 552 bytes. For IPv6, where routers can't fragment, it is believed; the
        // smallest packet it can ask for is 1,280, which ours nearly are.
        if isIPv6 {
            Socket.setOption(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 1)
            let (level, name) = (Int32(IPPROTO_IPV6), roost_ipv6_mtu_discover)
            Socket.setOption(descriptor, level, name, roost_ipv6_pmtudisc_dont)
        } else {
            let (level, name) = (Int32(IPPROTO_IP), roost_ip_mtu_discover)
            Socket.setOption(descriptor, level, name, roost_ip_pmtudisc_omit)
        }
    }

    private static let bufferSize = 4 << 20
}
