import Basics
import Foundation
import IO
import Synchronization
import Testing
import Wire

extension `A node` {
    @Suite struct `with the test door of media open` {
        @Test func `shows a new certificate to who comes after a reload, and keeps who is here`()
            throws
        {
            let settings = "[media]\ntest_door = true\n"
            let node = try RunningNode(settings)
            let first = try MediaVisitor(node)
            let old = try first.answer.line("a=fingerprint:")
            try node.folder.write("roost.toml", settings)
            node.child.signal(SIGHUP)
            #expect(node.logs("media has a new certificate"))
            let second = try MediaVisitor(node)
            #expect(try second.answer.line("a=fingerprint:") != old)
            #expect(try first.offer().line("a=fingerprint:") == old)
        }

        @Test func `tells clients by which address STUN sees it`() throws {
            let server = try STUNResponder(seeing: IPAddress(v4: 0xCB00_7107))
            let node = try RunningNode(
                """
                [media]
                test_door = true
                ice_servers = [{ urls = ["stun:\(server.address)"] }]

                """
            )
            #expect(node.logs("the world sees an address of ours"))
            let answer = try MediaVisitor(node).answer
            #expect(answer.contains(" 203.0.113.7 "))
            #expect(!answer.contains(" \(server.address.ip) "))
        }

        @Test func `says when no STUN server answers, and serves all the same`() throws {
            let server = try STUNResponder(seeing: nil)
            let node = try RunningNode(
                """
                [media]
                test_door = true
                ice_servers = [{ urls = ["stun:\(server.address)"] }]

                """
            )
            #expect(try MediaVisitor(node).answer.contains(" \(server.address.ip) "))
            #expect(node.logs("no STUN server says", within: .seconds(20)))
        }
    }
}

extension String {
    fileprivate func line(_ start: String) throws -> String {
        try #require(components(separatedBy: "\r\n").first { $0.hasPrefix(start) })
    }
}

/// Somebody at the test door who offers a data channel.
private struct MediaVisitor {
    let socket: SocketClient
    let answer: String

    init(_ node: RunningNode) throws {
        socket = try SocketClient(node.connect(), "/diagnostics/call/owls")
        answer = try Self.offer(socket)
    }

    /// Offers once more, and returns the answer.
    func offer() throws -> String { try Self.offer(socket) }

    private static func offer(_ socket: SocketClient) throws -> String {
        let fixture = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../Fixtures/SDP/chromium-data.sdp")
        let sdp = try String(contentsOf: fixture, encoding: .utf8)
        try socket.send(JSONValue.object(["type": "offer", "sdp": .string(sdp)]).text)
        for _ in 0..<20 {
            guard let text = try socket.readText() else { break }
            let message = try JSONValue(parsing: Array(text.utf8).span)
            if message["type"]?.string == "answer", let sdp = message["sdp"]?.string { return sdp }
        }
        throw Child.Fault(description: "no answer came")
    }
}

/// A STUN server that sees everybody at one address, or says nothing at all.
private final class STUNResponder {
    let address: SocketAddress
    private let loop: Loop
    private let socket: UDPSocket
    private let box = Box()

    init(seeing seen: IPAddress?) throws {
        let own = try #require(
            try InterfaceAddresses.found().usable(withIPv6: false).first { !$0.isLoopback }
        )
        loop = try Loop(index: 0, name: "stun")
        let mask = seen?.v4Bits
        let box = box
        socket = try UDPSocket(on: SocketAddress(ip: own, port: 0), loop: loop) { datagram, from in
            guard let bits = mask, datagram.count >= 20 else { return }
            let transaction = (4..<20).map { datagram[$0] }
            let port = from.port ^ 0x2112
            let ip = bits ^ 0x2112_A442
            var answer: [UInt8] = [1, 1, 0, 12] + transaction + [0, 0x20, 0, 8, 0, 1]
            answer += [UInt8(port >> 8), UInt8(port & 0xFF)]
            answer += stride(from: 24, through: 0, by: -8).map { UInt8(ip >> UInt32($0) & 0xFF) }
            box.slot.withLock { $0 }?.send(answer.span, to: from)
        }
        address = socket.bound
        let opened = socket
        box.slot.withLock { $0 = opened }
        loop.execute { try? opened.open() }
    }

    deinit {
        // They hold each other.
        box.slot.withLock { $0 = nil }
        loop.stop()
    }

    private final class Box: Sendable {
        let slot = Mutex<UDPSocket?>(nil)
    }
}
