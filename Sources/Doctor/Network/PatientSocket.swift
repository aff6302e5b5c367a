internal import Basics
internal import Glibc
internal import IO

/// A socket that waits, but never longer than it is told to.
///
/// What takes too long is a ``SystemFault`` with `ETIMEDOUT`.
struct PatientSocket: ~Copyable {
    private let descriptor: Int32

    /// The address that this socket has, after port 0 too.
    let address: SocketAddress

    private init(adopting descriptor: Int32, at address: SocketAddress) {
        self.descriptor = descriptor
        self.address = address
    }

    deinit {
        close(descriptor)
    }

    /// A connection to an address.
    static func connected(
        to address: SocketAddress,
        by deadline: Deadline
    ) throws(SystemFault) -> PatientSocket {
        let socket = PatientSocket(adopting: try Socket.connect(to: address), at: address)
        let doing = "connect to \(address)"
        try socket.wait(for: POLLOUT, by: deadline, doing)
        if let code = Socket.settled(socket.descriptor) {
            throw SystemFault(doing: doing, code: code)
        }
        return socket
    }

    /// A socket for datagrams to one address and from it.
    static func aimed(at address: SocketAddress) throws(SystemFault) -> PatientSocket {
        let here = SocketAddress(ip: address.ip.family == .v4 ? .anyV4 : .any, port: 0)
        let socket = try datagrams(on: here)
        try Socket.aim(socket.descriptor, at: address)
        return socket
    }

    static func datagrams(on address: SocketAddress) throws(SystemFault) -> PatientSocket {
        let (descriptor, bound) = try Socket.datagrams(on: address)
        return PatientSocket(adopting: descriptor, at: bound)
    }

    static func listening(on address: SocketAddress) throws(SystemFault) -> PatientSocket {
        let (descriptor, bound) = try Socket.listen(on: address)
        return PatientSocket(adopting: descriptor, at: bound)
    }

    /// Sends all of it.
    func send(_ bytes: [UInt8], by deadline: Deadline) throws(SystemFault) {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe Glibc.send(
                    descriptor,
                    $0.baseAddress?.advanced(by: sent),
                    $0.count - sent,
                    Int32(MSG_NOSIGNAL)
                )
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                try wait(for: POLLOUT, by: deadline, "send")
            } else if errno != EINTR {
                throw .last("send")
            }
        }
    }

    /// What has come: one datagram, or some bytes of a stream, none of them if it has ended.
    func receive(atMost limit: Int = 2_048, by deadline: Deadline) throws(SystemFault) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
            }
            if count >= 0 { return Array(buffer.prefix(count)) }
            if errno == EAGAIN {
                try wait(for: POLLIN, by: deadline, "receive an answer")
            } else if errno != EINTR {
                throw .last("receive an answer")
            }
        }
    }

    /// A datagram and its sender, if one has come already.
    func receiveFrom() -> (bytes: [UInt8], sender: SocketAddress)? {
        Socket.receive(descriptor)
    }

    /// Whether the datagram went off. Nobody tries again: the other side asks again.
    @discardableResult
    func send(_ bytes: [UInt8], to address: SocketAddress) -> Bool {
        Socket.send(
            bytes,
            to: address,
            from: descriptor,
            isDualStack: self.address.ip.family == .v6
        )
    }

    /// The next connection, if one has come already.
    func accept() -> Accepted? {
        guard case .connection(let accepted, let peer) = Socket.accept(descriptor) else {
            return nil
        }
        return Accepted(socket: PatientSocket(adopting: accepted, at: address), sender: peer)
    }

    struct Accepted: ~Copyable {
        let socket: PatientSocket
        let sender: SocketAddress
    }

    /// Waits until something has come to any of these, or the deadline.
    static func waitForAny(
        _ first: borrowing PatientSocket,
        _ second: borrowing PatientSocket,
        by deadline: Deadline
    ) {
        let events = Int16(POLLIN)
        var entries = [
            pollfd(fd: first.descriptor, events: events, revents: 0),
            pollfd(fd: second.descriptor, events: events, revents: 0),
        ]
        unsafe poll(&entries, nfds_t(entries.count), deadline.milliseconds)
    }

    /// Waits until one of these events or an error has come.
    private func wait(
        for events: Int32,
        by deadline: Deadline,
        _ doing: String
    ) throws(SystemFault) {
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        while true {
            let count = unsafe poll(&entry, 1, deadline.milliseconds)
            if count > 0 { return }
            if count == 0 { throw SystemFault(doing: doing, code: ETIMEDOUT) }
            guard errno == EINTR else { throw .last(doing) }
        }
    }
}
