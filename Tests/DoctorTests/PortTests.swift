import Basics
import Doctor
import Foundation
import IO
import Testing

@Suite struct `The doctor tries ports` {
    @Test func `and finds them free`() throws {
        let port = try freePort()
        #expect(PortCheck(.tcp, loopback(port), setting: "http.listen").look().verdict == "ok")
        #expect(PortCheck(.udp, loopback(port), setting: "media.udp_port").look().verdict == "ok")
    }

    @Test(arguments: [PortCheck.Transport.tcp, .udp])
    func `and names the process that has one`(transport: PortCheck.Transport) throws {
        let anywhere = loopback(0)
        let (descriptor, address) =
            transport == .tcp
            ? try Socket.listen(on: anywhere) : try Socket.datagrams(on: anywhere)
        defer { close(descriptor) }
        let outcome = PortCheck(transport, address, setting: "x.port").look()
        let process = ProcessInfo.processInfo.processIdentifier
        #expect(outcome.verdict == "fail")
        #expect(outcome.seen.hasSuffix("(process \(process))"))
        #expect(outcome.remedy?.contains("x.port") == true)
    }

    @Test func `and says how to look where it may not`() throws {
        let (descriptor, address) = try Socket.listen(on: loopback(0))
        defer { close(descriptor) }
        let folder = try Folder()
        let files = MachineFiles(root: folder.path(""))
        let outcome = PortCheck(.tcp, address, setting: "http.listen", files: files).look()
        #expect(outcome.remedy?.contains("ss -ltpn 'sport = :\(address.port)'") == true)
    }

    @Test(arguments: [
        ("HTTP/1.1 200 OK", "ok"), ("HTTP/1.1 503 Service Unavailable", "fail"),
        ("HTTP/1.1 404 Not Found", "fail"), ("SSH-2.0-OpenSSH_9.2", "fail"),
    ])
    func `and asks who has one for its health`(line: String, verdict: String) throws {
        let server = try LineServer(line)
        let check = PortCheck(.tcp, server.address, setting: "http.listen", asksHealth: true)
        let outcome = check.look()
        #expect(outcome.verdict == verdict)
        #expect(line.contains("503") == outcome.seen.contains("503 Service Unavailable"))
    }

    @Test func `and says when an address is another machine's`() throws {
        let elsewhere = SocketAddress(ip: try IPAddress("192.0.2.1"), port: 8_065)
        let outcome = PortCheck(.tcp, elsewhere, setting: "http.listen").look()
        #expect(outcome.verdict == "fail")
        #expect(outcome.seen == "192.0.2.1 is not an address of this machine")
    }
}

/// Answers every connection with one line, whatever is said.
final class LineServer: @unchecked Sendable {
    let address: SocketAddress
    private let listener: Int32
    private let thread: Thread

    init(_ line: String) throws {
        let (listener, address) = try Socket.listen(on: loopback(0))
        self.listener = listener
        self.address = address
        thread = Thread {
            var entry = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
            while !Thread.current.isCancelled {
                guard unsafe poll(&entry, 1, 20) > 0 else { continue }
                guard case .connection(let descriptor, _) = Socket.accept(listener) else {
                    continue
                }
                let bytes = Array("\(line)\r\n\r\n".utf8)
                usleep(20_000)
                var room = [UInt8](repeating: 0, count: 4_096)
                _ = unsafe read(descriptor, &room, room.count)
                _ = unsafe write(descriptor, bytes, bytes.count)
                close(descriptor)
            }
            close(listener)
        }
        thread.start()
    }

    deinit {
        thread.cancel()
    }
}
