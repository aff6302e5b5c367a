package import Basics
internal import CLinux
internal import Glibc
internal import Synchronization

/// Host names to addresses, as this machine resolves them, without holding up a loop.
///
/// `getaddrinfo` blocks for as long as a name server is silent, so it runs on threads of its own, and
/// nobody's patience can stop it: who no longer waits just goes. Those who ask for one name while it
/// is being looked up share the answer, which is kept for a short while. Addresses written out never
/// leave the process.
package final class NameResolver: Sendable {
    package typealias LookUp = @Sendable (String) throws(NameFault) -> [IPAddress]
    package typealias Answer = Result<[IPAddress], NameFault>

    private struct State {
        var known: [String: (addresses: [IPAddress], until: Instant)] = [:]
        var asked: [String: [@Sendable (Answer) -> Void]] = [:]
        var waiting = 0
        var turn = 0
    }

    private let state = Mutex(State())
    private let threads: [Loop]
    private let lookUp: LookUp
    private let keeping: Duration
    private let waitingLimit: Int

    package init(
        threads count: Int = 2,
        waitingLimit: Int = 256,
        keeping: Duration = .seconds(10),
        lookUp: @escaping LookUp = NameResolver.askSystem
    ) throws(SystemFault) {
        precondition(count > 0, "names are looked up on at least one thread")
        var threads: [Loop] = []
        for index in 0..<count { threads.append(try Loop(index: index, name: "names")) }
        self.threads = threads
        self.lookUp = lookUp
        self.keeping = keeping
        self.waitingLimit = waitingLimit
    }

    deinit {
        for thread in threads { thread.stop() }
    }

    /// Waits for the addresses of a name, at least one, in the order in which to try them. A task that
    /// is cancelled stops waiting at once.
    package func addresses(of name: String) async throws(NameFault) -> [IPAddress] {
        let delivery = Delivery<Answer>()
        resolve(name) { delivery.deliver($0) }
        return try await withTaskCancellationHandler {
            await delivery.wait()
        } onCancel: {
            delivery.deliver(.failure(.cancelled))
        }.get()
    }

    /// Tells the addresses of a name, at once if they are known, else on a thread of the resolver's.
    package func resolve(_ name: String, _ tell: @escaping @Sendable (Answer) -> Void) {
        guard let spelled = Self.spelled(name) else {
            ask(name, tell)
            return
        }
        tell(.success([spelled]))
    }

    private func ask(_ name: String, _ tell: @escaping @Sendable (Answer) -> Void) {
        guard !name.isEmpty, name.utf8.count <= 253, !name.utf8.contains(0) else {
            tell(.failure(.unknown(name: name, why: "a name has 1 to 253 bytes, none of them 0")))
            return
        }
        let now = Loop.readClock()
        let (answer, thread) = state.withLock { state -> (Answer?, Int?) in
            if let known = state.known[name], known.until > now {
                return (.success(known.addresses), nil)
            }
            guard state.waiting < waitingLimit else {
                return (.failure(.tooManyWaiting(limit: waitingLimit)), nil)
            }
            state.waiting += 1
            guard state.asked[name] == nil else {
                state.asked[name]?.append(tell)
                return (nil, nil)
            }
            state.asked[name] = [tell]
            state.turn = (state.turn + 1) % threads.count
            return (nil, state.turn)
        }
        if let answer { tell(answer) }
        guard let thread else { return }
        threads[thread].execute { [self] in settle(name) }
    }

    /// Looks the name up and tells everybody who has asked by then. Blocks.
    private func settle(_ name: String) {
        let answer: Answer
        do throws(NameFault) {
            answer = .success(try lookUp(name))
        } catch {
            answer = .failure(error)
        }
        let now = Loop.readClock()
        let askers = state.withLock { state in
            let askers = state.asked.removeValue(forKey: name) ?? []
            state.waiting -= askers.count
            if case .success(let addresses) = answer {
                if state.known.count >= Self.mostKnown {
                    state.known = state.known.filter { $0.value.until > now }
                }
                if state.known.count >= Self.mostKnown { state.known = [:] }
                state.known[name] = (addresses, now + keeping)
            }
            return askers
        }
        for tell in askers { tell(answer) }
    }

    private static func spelled(_ name: String) -> IPAddress? {
        do throws(AddressFault) {
            return try IPAddress(name)
        } catch {
            return nil
        }
    }

    /// Asks the system: files, then name servers, as it is set up. Blocks.
    package static func askSystem(_ name: String) throws(NameFault) -> [IPAddress] {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let code = unsafe getaddrinfo(name, nil, &hints, &first)
        guard code == 0 else {
            throw .unknown(name: name, why: unsafe String(cString: gai_strerror(code)))
        }
        defer { unsafe freeaddrinfo(first) }
        var addresses: [IPAddress] = []
        var next = unsafe first
        while let entry = unsafe next, addresses.count < mostAddresses {
            let ip = unsafe SocketAddress(copying: entry.pointee.ai_addr)?.ip
            if let ip, !addresses.contains(ip) { addresses.append(ip) }
            unsafe next = entry.pointee.ai_next
        }
        guard !addresses.isEmpty else {
            throw .unknown(name: name, why: "it has no address that can be connected to")
        }
        return addresses
    }

    private static let mostKnown = 256
    private static let mostAddresses = 16
}

/// Why a name led to no address.
package enum NameFault: Error, Hashable, Sendable, CustomStringConvertible {
    case unknown(name: String, why: String)
    case tooManyWaiting(limit: Int)
    case cancelled

    package var description: String {
        switch self {
        case .unknown(let name, let why):
            "\(name) is not known (\(why)); check its spelling, /etc/hosts and the name server"
        case .tooManyWaiting(let limit):
            "\(limit) names are being looked up already; ask again later, and look at the name server"
        case .cancelled:
            "nobody waits for the name any more"
        }
    }
}
