internal import Basics
internal import Crypto
internal import Wire

// How an HTTP connection becomes a websocket.
extension HTTPConnection {
    func upgrade(_ acceptance: WebSocketAcceptance) {
        guard let request = exchange.request else { return }
        let terms = WebSocketHandshake.Terms(
            subprotocols: acceptance.subprotocols,
            allowsDeflate: rules.values.webSocket.isCompressed
        )
        let agreed: WebSocketHandshake.Acceptance
        do throws(WebSocketHandshake.Refusal) {
            agreed = try WebSocketHandshake.judge(request.head, terms: terms)
        } catch {
            // What comes behind may have been meant for a websocket, and is then no request.
            if request.head.namesUpgrade(to: "websocket") { mustEnd = true }
            doorway.metrics.refusals.child("websocket_handshake").add()
            var fields = error.fields
            fields.append("content-type", "text/plain; charset=utf-8")
            let sentence = [UInt8]((error.description + "\n").utf8)
            respond(with: HTTPResponse(error.status, fields: fields, body: .bytes(sentence)))
            endExchange()
            return
        }
        guard !doorway.isDraining, !mustEnd else {
            mustEnd = true
            respond(with: .text(.serviceUnavailable, "this node is going away; connect again\n"))
            endExchange()
            return
        }
        HTTPResponseWriter.writeHead(
            .switchingProtocols,
            fields: agreed.fields(digest: Digest.of(agreed.challenge.span, .sha1).span),
            date: doorway.dateBytes.span,
            framing: .none,
            keepAlive: true,
            to: &loop.scratch.outgoing
        )
        doorway.metrics.requestsByClass[0].add(cell: loop.index)
        exchange.status = .switchingProtocols
        logExchange(loop.now - exchange.began)
        sendOutput()
        become(
            WebSocketConnection(
                taking: transport,
                of: doorway,
                request: request,
                rules: rules.values.webSocket,
                subprotocol: agreed.subprotocol,
                agreement: agreed.deflate,
                leave: leave
            ),
            acceptance
        )
    }

    /// Hands everything over. What has come behind the request is taken in the socket's first turn.
    private func become(_ socket: WebSocketConnection, _ acceptance: WebSocketAcceptance) {
        do throws(SystemFault) {
            try transport.attach(socket)
        } catch {
            end()
            return
        }
        vacate()
        doorway.enter(socket)
        successor = socket
        open = acceptance.open
    }

    /// The bytes behind the request are the socket's. Called once the input has been left.
    func beginSuccessor(with bytes: [UInt8]) {
        guard let socket = successor.take(), let open = open.take() else { return }
        socket.begin(open, with: bytes)
    }
}
