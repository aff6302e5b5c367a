import CUSRSCTP
import Glibc

/// An association of libusrsctp, whose clock is turned by hand.
///
/// The library is one state for the whole process, so the tests that use it run one after the other.
/// Its pointers never leave.
@safe final class ForeignAssociation {
    struct Message: Equatable {
        var stream: UInt16
        var payloadProtocol: UInt32
        var bytes: [UInt8]
    }

    private(set) var messages: [Message] = []
    /// What happened to the association, as the library numbers it (`SCTP_COMM_UP` and so on).
    private(set) var changes: [UInt16] = []
    private(set) var resetFromPeer: [UInt16] = []
    private(set) var resetOwn: [UInt16] = []
    fileprivate var packets: [[UInt8]] = []
    private var parts: [UInt16: [UInt8]] = [:]
    private let socket: OpaquePointer
    private let address: UnsafeMutableRawPointer
    private let key: UInt

    /// One-to-many, so that it can both call and be called.
    init?(streams: UInt16 = 64, isListening: Bool) {
        Library.begin()
        unsafe Library.lastKey += 1
        key = unsafe Library.lastKey
        guard let address = unsafe UnsafeMutableRawPointer(bitPattern: key),
            let socket = unsafe usrsctp_socket(
                AF_CONN,
                Int32(SOCK_SEQPACKET.rawValue),
                Int32(IPPROTO_SCTP),
                unsafe Library.receive,
                nil,
                0,
                address
            )
        else { return nil }
        unsafe self.address = unsafe address
        unsafe self.socket = unsafe socket
        unsafe usrsctp_register_address(address)
        unsafe usrsctp_set_non_blocking(socket, 1)
        unsafe Library.associations[key] = self
        set(SCTP_NODELAY, to: Int32(1))
        set(
            SCTP_INITMSG,
            to: sctp_initmsg(
                sinit_num_ostreams: streams,
                sinit_max_instreams: streams,
                sinit_max_attempts: 8,
                sinit_max_init_timeo: 0
            )
        )
        set(SCTP_ENABLE_STREAM_RESET, to: sctp_assoc_value(assoc_id: 2, assoc_value: 1))
        for event in [SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT] {
            set(
                SCTP_EVENT,
                to: sctp_event(se_assoc_id: 2, se_type: UInt16(event), se_on: 1)
            )
        }
        var name = unsafe sockaddr(port: 5000)
        let isBound = unsafe withName(&name) { unsafe usrsctp_bind(socket, $0, $1) }
        guard isBound == 0 else { return nil }
        if isListening, unsafe usrsctp_listen(socket, 1) != 0 { return nil }
    }

    /// Lets the library forget it, without a word to the peer.
    func close() {
        unsafe usrsctp_close(socket)
        unsafe usrsctp_deregister_address(address)
        unsafe Library.associations[key] = nil
    }

    func connect() -> Bool {
        var name = unsafe sockaddr(port: 5000)
        let result = unsafe withName(&name) { unsafe usrsctp_connect(socket, $0, $1) }
        return result == 0 || errno == EINPROGRESS
    }

    func receive(_ packet: [UInt8]) {
        unsafe packet.withUnsafeBytes { bytes in
            unsafe usrsctp_conninput(address, bytes.baseAddress, bytes.count, 0)
        }
    }

    func takePackets() -> [[UInt8]] {
        defer { packets = [] }
        return packets
    }

    /// At most so many retransmissions, if given. Returns false if the library has no room.
    func send(
        _ bytes: [UInt8],
        stream: UInt16,
        payloadProtocol: UInt32,
        isOrdered: Bool = true,
        maxRetransmissions: UInt32? = nil
    ) -> Bool {
        var how = sctp_sendv_spa()
        how.sendv_flags = UInt32(SCTP_SEND_SNDINFO_VALID)
        how.sendv_sndinfo.snd_sid = stream
        how.sendv_sndinfo.snd_ppid = payloadProtocol.bigEndian
        how.sendv_sndinfo.snd_flags = UInt16(SCTP_EOR) | (isOrdered ? 0 : UInt16(SCTP_UNORDERED))
        if let maxRetransmissions {
            how.sendv_flags |= UInt32(SCTP_SEND_PRINFO_VALID)
            how.sendv_prinfo.pr_policy = 3  // SCTP_PR_SCTP_RTX
            how.sendv_prinfo.pr_value = maxRetransmissions
        }
        var name = unsafe sockaddr(port: 5000)
        let count = unsafe withName(&name) { name, _ in
            unsafe usrsctp_sendv(
                socket,
                bytes,
                bytes.count,
                name,
                1,
                &how,
                socklen_t(MemoryLayout.size(ofValue: how)),
                UInt32(SCTP_SENDV_SPA),
                0
            )
        }
        return count == bytes.count
    }

    func reset(_ stream: UInt16) -> Bool {
        var name = unsafe sockaddr(port: 5000)
        let id = unsafe withName(&name) { name, _ in unsafe usrsctp_getassocid(socket, name) }
        var request = [UInt8](repeating: 0, count: 10)
        for place in 0..<4 { request[place] = UInt8(truncatingIfNeeded: id >> (8 * UInt32(place))) }
        request[4] = UInt8(SCTP_STREAM_RESET_OUTGOING)
        request[6] = 1
        request[8] = UInt8(stream & 255)
        request[9] = UInt8(stream >> 8)
        return unsafe usrsctp_setsockopt(
            socket,
            Int32(IPPROTO_SCTP),
            SCTP_RESET_STREAMS,
            request,
            socklen_t(request.count)
        ) == 0
    }

    func shutdown() {
        // A message without bytes that ends the association.
        var how = sctp_sndinfo()
        how.snd_flags = 0x0100  // SCTP_EOF
        var name = unsafe sockaddr(port: 5000)
        _ = unsafe withName(&name) { name, _ in
            unsafe usrsctp_sendv(
                socket,
                [UInt8](),
                0,
                name,
                1,
                &how,
                socklen_t(MemoryLayout.size(ofValue: how)),
                UInt32(SCTP_SENDV_SNDINFO),
                0
            )
        }
    }

    /// Lets all associations of the library live so much longer.
    static func advance(milliseconds: UInt32) {
        usrsctp_handle_timers(milliseconds)
    }

    fileprivate func receive(_ bytes: [UInt8], from info: sctp_rcvinfo, flags: Int32) {
        guard flags & MSG_NOTIFICATION == 0 else { return receiveNotice(bytes) }
        parts[info.rcv_sid, default: []] += bytes
        // The end of the record.
        guard flags & Int32(MSG_EOR) != 0 else { return }
        let whole = parts.removeValue(forKey: info.rcv_sid) ?? []
        let kind = info.rcv_ppid.byteSwapped
        messages.append(Message(stream: info.rcv_sid, payloadProtocol: kind, bytes: whole))
    }

    private func receiveNotice(_ bytes: [UInt8]) {
        func number(at offset: Int) -> UInt16 {
            UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8
        }
        switch Int32(number(at: 0)) {
        case SCTP_ASSOC_CHANGE: changes.append(number(at: 8))
        case SCTP_STREAM_RESET_EVENT:
            let streams = stride(from: 12, to: bytes.count - 1, by: 2).map(number(at:))
            let flags = Int32(number(at: 2))
            if flags & SCTP_STREAM_RESET_INCOMING_SSN != 0 { resetFromPeer += streams }
            if flags & SCTP_STREAM_RESET_OUTGOING_SSN != 0 { resetOwn += streams }
        default: break
        }
    }

    private func set(_ option: Int32, to value: some Any) {
        unsafe withUnsafeBytes(of: value) { bytes in
            let result = unsafe usrsctp_setsockopt(
                socket,
                Int32(IPPROTO_SCTP),
                option,
                bytes.baseAddress,
                socklen_t(bytes.count)
            )
            precondition(result == 0, "libusrsctp refuses option \(option)")
        }
    }

    private func sockaddr(port: UInt16) -> sockaddr_conn {
        unsafe sockaddr_conn(
            sconn_family: UInt16(AF_CONN),
            sconn_port: port.bigEndian,
            sconn_addr: address
        )
    }

    private func withName<Result>(
        _ name: inout sockaddr_conn,
        _ body: (UnsafeMutablePointer<Glibc.sockaddr>, socklen_t) -> Result
    ) -> Result {
        let size = unsafe socklen_t(MemoryLayout.size(ofValue: name))
        return unsafe withUnsafeMutablePointer(to: &name) { pointer in
            unsafe pointer.withMemoryRebound(to: Glibc.sockaddr.self, capacity: 1) {
                unsafe body($0, size)
            }
        }
    }
}

/// The library's one state. Touched by tests that run one after the other only.
private enum Library {
    nonisolated(unsafe) static var associations: [UInt: ForeignAssociation] = [:]
    nonisolated(unsafe) static var lastKey: UInt = 0x1000
    nonisolated(unsafe) private static var hasBegun = false

    static func begin() {
        guard unsafe !hasBegun else { return }
        unsafe hasBegun = true
        unsafe usrsctp_init_nothreads(
            0,
            { address, bytes, count, _, _ in
                let packet = unsafe [UInt8](UnsafeRawBufferPointer(start: bytes, count: count))
                unsafe Library.associations[UInt(bitPattern: address)]?.packets.append(packet)
                return 0
            },
            nil
        )
        usrsctp_sysctl_set_sctp_ecn_enable(0)
        usrsctp_sysctl_set_sctp_asconf_enable(0)
        usrsctp_sysctl_set_sctp_auth_enable(0)
        usrsctp_sysctl_set_sctp_rto_min_default(200)
        usrsctp_sysctl_set_sctp_rto_initial_default(500)
        usrsctp_sysctl_set_sctp_rto_max_default(5_000)
        // It would wait for a heartbeat on a path that it has given up, and times those by the wall.
        usrsctp_sysctl_set_sctp_path_rtx_max_default(100)
        usrsctp_sysctl_set_sctp_assoc_rtx_max_default(100)
    }

    static let receive:
        @convention(c) (
            OpaquePointer?, sctp_sockstore, UnsafeMutableRawPointer?, Int, sctp_rcvinfo, Int32,
            UnsafeMutableRawPointer?
        ) -> Int32 = { _, _, data, count, info, flags, key in
            guard let data = unsafe data else { return 1 }
            let bytes = unsafe [UInt8](UnsafeRawBufferPointer(start: data, count: count))
            unsafe free(data)
            let association = unsafe Library.associations[UInt(bitPattern: key)]
            association?.receive(bytes, from: info, flags: flags)
            return 1
        }
}
