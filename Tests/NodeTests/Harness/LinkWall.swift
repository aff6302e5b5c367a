import Foundation
import Glibc
import Synchronization

/// Stands before the cluster's port of a node, and lets nobody through whose node is barred: as a network in
/// which two machines can't reach each other, and all others can.
final class LinkWall: Sendable {
    let port: UInt16
    private let listener: Int32
    private let state = Mutex(State())

    private struct State {
        /// Where the node listens, once that is known.
        var target: UInt16?
        var barred: Set<pid_t> = []
        var wires: [Wire] = []
    }

    /// A connection and the one that it is passed on by.
    private struct Wire {
        let descriptors: [Int32]
        /// Of the connection's other end, by which its process is known.
        let source: UInt16
    }

    init() throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        port = try Proxy.freePort()
        var address = Self.loopback(port)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe bind(listener, $0, length)
            }
        }
        guard bound == 0, listen(listener, 16) == 0 else {
            throw Child.Fault(description: "a wall can't listen: errno \(errno)")
        }
        Thread.detachNewThread { [listener, weak self] in
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                guard let self else {
                    close(descriptor)
                    return
                }
                self.pass(descriptor)
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        for wire in state.withLock({ $0.wires }) { Self.cut(wire) }
    }

    func stand(before target: UInt16) { state.withLock { $0.target = target } }

    /// Nothing comes from that process any more, and what is there of it is cut.
    func bar(_ process: pid_t) {
        let wires = state.withLock { state in
            state.barred.insert(process)
            return state.wires
        }
        for wire in wires where Self.isOf([process], wire.source) { Self.cut(wire) }
    }

    func admit(_ process: pid_t) { state.withLock { _ = $0.barred.remove(process) } }

    private func pass(_ descriptor: Int32) {
        let (target, barred) = state.withLock { ($0.target, $0.barred) }
        let source = Self.peerPort(of: descriptor)
        guard let target, !Self.isOf(barred, source),
            let onward = Self.connect(to: target)
        else {
            close(descriptor)
            return
        }
        state.withLock {
            $0.wires.append(Wire(descriptors: [descriptor, onward], source: source))
        }
        Self.pump(from: descriptor, to: onward)
        Self.pump(from: onward, to: descriptor)
    }

    private static func pump(from source: Int32, to target: Int32) {
        Thread.detachNewThread {
            var bytes = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = unsafe read(source, &bytes, bytes.count)
                guard count > 0 else { break }
                var sent = 0
                while sent < count {
                    let written = unsafe bytes.withUnsafeBytes {
                        unsafe send(
                            target,
                            $0.baseAddress?.advanced(by: sent),
                            count - sent,
                            Int32(MSG_NOSIGNAL)
                        )
                    }
                    guard written > 0 else { break }
                    sent += written
                }
                guard sent == count else { break }
            }
            shutdown(source, Int32(SHUT_RDWR))
            shutdown(target, Int32(SHUT_RDWR))
        }
    }

    /// The threads that pass it on see that, and nobody uses the numbers for anything else meanwhile.
    private static func cut(_ wire: Wire) {
        for descriptor in wire.descriptors { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    // MARK: - Whose a connection is

    /// Whether one of these processes has the socket of that port of the loopback.
    private static func isOf(_ processes: Set<pid_t>, _ port: UInt16) -> Bool {
        guard !processes.isEmpty else { return false }
        let table = sockets()
        let digits = String(port, radix: 16, uppercase: true)
        let place = ":" + String(repeating: "0", count: 4 - digits.count) + digits
        let rows = table.split(separator: "\n").map { $0.split(separator: " ") }
        let row = rows.first { $0.count > 9 && $0[1].hasSuffix(place) }
        guard let inode = row?[9] else { return false }
        return processes.contains { process in
            let folder = "/proc/\(process)/fd"
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            return names.contains { name in
                let link = try? FileManager.default.destinationOfSymbolicLink(
                    atPath: "\(folder)/\(name)"
                )
                return link == "socket:[\(inode)]"
            }
        }
    }

    /// The kernel's list, which comes a page at a time.
    private static func sockets() -> String {
        let file = unsafe open("/proc/net/tcp", O_RDONLY)
        defer { close(file) }
        var (all, page) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 14))
        while true {
            let count = unsafe read(file, &page, page.count)
            guard count > 0 else { return String(decoding: all, as: UTF8.self) }
            all += page[..<count]
        }
    }

    private static func peerPort(of descriptor: Int32) -> UInt16 {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = unsafe getpeername(descriptor, $0, &length)
            }
        }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func connect(to port: UInt16) -> Int32? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(port)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe Glibc.connect(descriptor, $0, length)
            }
        }
        guard result == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
