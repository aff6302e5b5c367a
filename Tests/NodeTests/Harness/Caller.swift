import Foundation

/// A client of the calls protocol, as far as its websocket goes.
final class Caller {
    typealias Members = [String: Any]

    struct Fault: Error, CustomStringConvertible {
        var description: String
    }

    private(set) var socket: SocketClient
    private(set) var connection = ""
    /// The number of the next event that is to come.
    private(set) var expected = 0
    private var sent = 1
    /// Events that came while another was waited for.
    private(set) var unread: [Members] = []
    /// Numbers that did not come in order.
    private(set) var gaps: [String] = []

    static let prefix = "custom_com.mattermost.calls_"

    init(
        _ node: RunningNode,
        _ bearer: [String],
        resuming connection: String? = nil,
        after expected: Int = 0,
        answersPings: Bool = false
    ) throws {
        let query = "?connection_id=\(connection ?? "")&sequence_number=\(expected)"
        socket = try SocketClient(node.connect(), "/api/v4/websocket" + query, bearer)
        socket.answersPings = answersPings
        self.connection = connection ?? ""
        self.expected = expected
    }

    /// Logs in under that name, connects, and waits for hello.
    convenience init(_ node: RunningNode, as name: String) throws {
        try self.init(node, node.logIn(name).bearer)
        _ = try hear("hello")
    }

    // MARK: - Saying

    func say(_ type: String, _ data: String = "{}") throws {
        sent += 1
        try socket.send(#"{"action":"\#(Self.prefix)\#(type)","seq":\#(sent),"data":\#(data)}"#)
    }

    func join(_ channel: String) throws {
        try say("join", #"{"channelID":"\#(channel)"}"#)
    }

    /// As MessagePack, with these members of text or bytes.
    func sayInBinary(_ type: String, _ data: [(String, MessagePackText)]) throws {
        sent += 1
        var bytes: [UInt8] = [0x83]
        MessagePackText.text("action").append(to: &bytes)
        MessagePackText.text(Self.prefix + type).append(to: &bytes)
        MessagePackText.text("seq").append(to: &bytes)
        bytes.append(UInt8(sent & 0x7F))
        MessagePackText.text("data").append(to: &bytes)
        bytes.append(0x80 | UInt8(data.count))
        for (name, value) in data {
            MessagePackText.text(name).append(to: &bytes)
            value.append(to: &bytes)
        }
        try socket.send(2, bytes)
    }

    func sayOffer(_ sdp: String) throws { try sayDescription("offer", sdp) }

    func sayDescription(_ type: String, _ sdp: String) throws {
        let json = try JSONSerialization.data(withJSONObject: ["type": type, "sdp": sdp])
        try sayInBinary("sdp", [("data", .bytes(zlib(String(decoding: json, as: UTF8.self))))])
    }

    /// What a client offers at first: a data channel and nothing else.
    static let offer = [
        "v=0", "o=- 4611731400430051336 2 IN IP4 127.0.0.1", "s=-", "t=0 0",
        "a=group:BUNDLE 0", "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
        "c=IN IP4 0.0.0.0", "a=ice-ufrag:Qk3b", "a=ice-pwd:7aT1bHf0nRm4Xk2pQw9sLd5z",
        "a=ice-options:trickle",
        "a=fingerprint:sha-256 29:41:0E:7C:29:1F:83:67:43:CD:5B:C2:85:F1:6F:90:92:F9:E5:27:"
            + "DF:3A:3B:EF:68:C0:CC:F9:C5:CA:0E:3D",
        "a=setup:actpass", "a=mid:0", "a=sctp-port:5000", "a=max-message-size:262144", "",
    ].joined(separator: "\r\n")

    // MARK: - Hearing

    /// The next event of that name; those before it are kept for whoever asks for them. The names of
    /// calls go without their prefix.
    func hear(
        _ name: String,
        isOfCalls: Bool = true,
        where isIt: (Members) -> Bool = { _ in true }
    ) throws -> Members {
        let full = name == "hello" || !isOfCalls ? name : Self.prefix + name
        var passed = 0
        while true {
            while passed < unread.count {
                let event = unread[passed]
                let data = event["data"] as? Members ?? [:]
                if event["event"] as? String == full, isIt(data) {
                    unread.remove(at: passed)
                    return data
                }
                passed += 1
            }
            do {
                guard try readOne() else { throw Fault(description: "the socket has ended") }
            } catch {
                throw Fault(description: "\(error), before \(name); unread: \(unread.suffix(8))")
            }
        }
    }

    /// What is there until the answer to a ping, which nothing said before it can be later than.
    func settle() throws {
        sent += 1
        try socket.send(#"{"action":"ping","seq":\#(sent)}"#)
        while lastReply != sent {
            guard try readOne() else { throw Fault(description: "ended before the pong") }
        }
    }

    /// The names of what nobody has asked for yet, in order, without prefix.
    var names: [String] {
        unread.compactMap { ($0["event"] as? String)?.replacing(Self.prefix, with: "") }
    }

    func forgetUnread() { unread = [] }

    /// The same, each with whose it is.
    var traces: [String] {
        unread.map { event in
            let name = (event["event"] as? String ?? "").replacing(Self.prefix, with: "")
            let data = event["data"] as? Members ?? [:]
            let emoji = data["emoji"] as? Members
            let whose = data["session_id"] ?? data["user_id"] ?? data["userID"] ?? data["hostID"]
            return "\(name) \(whose ?? "") \(emoji?["name"] ?? "")"
        }
    }

    private(set) var lastReply = 0
    private(set) var lastFault: Members?

    private func readOne() throws -> Bool {
        guard let text = try socket.readText() else { return false }
        guard let event = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? Members else {
            throw Fault(description: "no object: \(text)")
        }
        if event["event"] == nil {
            lastReply = event["seq_reply"] as? Int ?? lastReply
            lastFault = event["error"] as? Members ?? lastFault
            return true
        }
        let number = event["seq"] as? Int ?? -1
        if event["event"] as? String == "hello", let data = event["data"] as? Members {
            let new = data["connection_id"] as? String ?? ""
            if new != connection { expected = 0 }
            connection = new
        }
        if number != expected { gaps.append("\(expected) was due, \(number) came: \(text)") }
        expected = number + 1
        unread.append(event)
        return true
    }

    /// The call as the last `call_state` has it.
    static func call(_ data: Members) throws -> Members {
        guard let text = data["call"] as? String,
            let call = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? Members
        else { throw Fault(description: "no call in \(data)") }
        return call
    }
}

/// A value of MessagePack that is text or bytes.
enum MessagePackText {
    case text(String)
    case bytes([UInt8])

    func append(to bytes: inout [UInt8]) {
        switch self {
        case .text(let text):
            let utf8 = [UInt8](text.utf8)
            bytes += [0xDA, UInt8(utf8.count >> 8), UInt8(utf8.count & 255)] + utf8
        case .bytes(let content):
            bytes += [0xC5, UInt8(content.count >> 8), UInt8(content.count & 255)] + content
        }
    }
}

/// Bytes in the form of zlib (RFC 1950), not made any smaller.
func zlib(_ text: String) -> [UInt8] {
    let content = [UInt8](text.utf8)
    let count = UInt16(content.count)
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in content {
        a = (a + UInt32(byte)) % 65_521
        b = (b + a) % 65_521
    }
    let lengths = [
        UInt8(count & 255), UInt8(count >> 8), UInt8(~count & 255), UInt8(~count >> 8),
    ]
    let sum = b << 16 | a
    let trailer = stride(from: UInt32(24), through: 0, by: -8).map {
        UInt8(truncatingIfNeeded: sum >> $0)
    }
    return [0x78, 0x01, 0x01] + lengths + content + trailer
}
