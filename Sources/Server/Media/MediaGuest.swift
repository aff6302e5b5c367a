internal import Basics
internal import IO
internal import Media
internal import Wire

/// One websocket at the ``MediaDoor``: its words become events of a call's plan, and back.
actor MediaGuest: WebSocketListener {
    nonisolated let loop: Loop
    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    private let socket: WebSocketConnection
    private let call: String
    private let session: SessionID
    private let plane: MediaPlane

    init(_ socket: WebSocketConnection, call: String, session: SessionID, plane: MediaPlane) {
        self.socket = socket
        self.call = call
        self.session = session
        self.plane = plane
        loop = socket.loop
    }

    nonisolated func begin() {
        assumeIsolated { guest in
            guest.say("welcome") { json in
                json.member("session", guest.session.rawValue)
                json.member("call", guest.call)
            }
            guest.plane.join(
                guest.call,
                guest.session,
                .init(decodesAV1: true, hasChannel: false, announcesTracks: false)
            ) { [weak guest] signal in
                guard let guest else { return }
                guest.loop.execute { guest.assumeIsolated { $0.hear(signal) } }
            }
        }
    }

    // MARK: - What the socket tells

    nonisolated func receive(text: [UInt8], from socket: WebSocketConnection) {
        assumeIsolated { $0.take(text) }
    }

    nonisolated func receive(binary: [UInt8], from socket: WebSocketConnection) {
        assumeIsolated { $0.refuse("message", "messages are texts of JSON") }
    }

    nonisolated func fellBehind(_ socket: WebSocketConnection) {}

    nonisolated func ended(_ socket: WebSocketConnection, code: WebSocketCloseCode, reason: String)
    {
        assumeIsolated { guest in guest.plane.tell(guest.call, .leave(guest.session)) }
    }

    private func take(_ text: [UInt8]) {
        let message: JSONValue
        do throws(JSONFault) {
            message = try JSONValue(parsing: text.span)
        } catch {
            refuse("message", "it is not JSON: \(error)")
            return
        }
        guard let type = message["type"]?.string else {
            refuse("message", "it has no type")
            return
        }
        guard let event = event(type, message) else {
            let known = "ready, offer, answer, candidate, mute, screen, camera, show, send, leave"
            refuse(type, "there is no such type, or a member is missing or wrong; known: \(known)")
            return
        }
        switch event {
        case .nothing: break
        case .plan(let event): plane.tell(call, event)
        case .leave: socket.close(.normal, reason: "left")
        }
    }

    private enum Wish {
        case plan(PlanEvent)
        case leave
        case nothing
    }

    private func event(_ type: String, _ message: JSONValue) -> Wish? {
        switch type {
        case "ready": .plan(.ready(session))
        case "offer": message["sdp"]?.string.map { .plan(.offer(session, sdp: $0)) }
        case "answer": message["sdp"]?.string.map { .plan(.answer(session, sdp: $0)) }
        // Ours is the lite side of ICE: it is found, and seeks nobody (RFC 8445 section 2.5).
        case "candidate": .nothing
        case "mute": message["muted"]?.boolean.map { .plan(.mute(session, $0)) }
        case "screen":
            .plan(
                message["stream"]?.string.map { .screenOn(session, stream: $0) }
                    ?? .screenOff(session)
            )
        case "camera":
            .plan(
                message["stream"]?.string.map { .cameraOn(session, stream: $0) }
                    ?? .cameraOff(session)
            )
        case "show":
            message["mid"]?.string.map {
                .plan(.show(session, mid: $0, Showing(pixels: message["pixels"]?.integer)))
            }
        case "send":
            message["text"]?.string.map { text in
                let channel = UInt16(clamping: message["channel"]?.integer ?? 0)
                return .plan(.send(session, channel: channel, isText: true, Array(text.utf8)))
            }
        case "leave": .leave
        default: nil
        }
    }

    // MARK: - What is said

    private func hear(_ signal: PlanAction.Signal) {
        switch signal {
        case .answer(let sdp):
            say("answer") { $0.member("sdp", sdp) }
        case .offer(let sdp, let tracks):
            say("offer") { json in
                json.member("sdp", sdp)
                json.key("tracks")
                json.beginObject()
                for track in tracks {
                    json.key(track.mid)
                    json.beginObject()
                    json.member("type", track.role.rawValue)
                    json.member("sender", track.sender.rawValue)
                    json.endObject()
                }
                json.endObject()
            }
        case .connected:
            say("connected") { _ in }
        case .locked(let isOurs):
            say("locked") { $0.member("granted", isOurs) }
        case .voice(let speaker, let isOn):
            say("voice") { json in
                json.member("session", speaker.rawValue)
                json.member("on", isOn)
            }
        case .delivered: break
        case .channelMessage(let channel, let isText, let bytes):
            say("message") { json in
                json.member("channel", Int(channel))
                if isText {
                    json.member("text", String(decoding: bytes, as: UTF8.self))
                } else {
                    json.member("base64", Base64.standard.encode(bytes.span))
                }
            }
        case .wanted(let mid, let rids):
            say("wanted") { json in
                json.member("mid", mid)
                json.key("rids")
                json.beginArray()
                for rid in rids { json.string(rid) }
                json.endArray()
            }
        case .refused(let what, let why):
            refuse(what, why)
        case .over(let end):
            say("over") { $0.member("reason", end.rawValue) }
            socket.close(.normal, reason: end.rawValue)
        }
    }

    private func refuse(_ what: String, _ why: String) {
        say("refused") { json in
            json.member("what", what)
            json.member("why", why)
        }
    }

    private func say(_ type: String, _ body: (inout JSONWriter) -> Void) {
        var bytes: [UInt8] = []
        JSONWriter.append(to: &bytes) { json in
            json.beginObject()
            json.member("type", type)
            body(&json)
            json.endObject()
        }
        socket.send(text: bytes)
    }
}

extension Showing {
    fileprivate init(pixels: Int64?) {
        switch pixels {
        case nil: self = .everything
        case .some(...0): self = .nothing
        case .some(let count): self = .upTo(pixels: Int(clamping: count))
        }
    }
}
