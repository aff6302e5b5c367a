internal import Basics
internal import Wire

// What becomes of a request: who answers it, and how its content gets there.
extension HTTPConnection {
    func begin(_ head: HTTPRequestHead) {
        let client = clientAddress(of: head)
        let request = HTTPRequest(
            head: head,
            client: client,
            isSecure: isSecure(head),
            loop: loop
        )
        exchange.begin(request, at: loop.now)
        if !head.keepAlive { mustEnd = true }
        enter(.body)
        let answer = doorway.service.answer(request)
        // Some proxies let through whatever comes behind a wish for a websocket, granted or not. It
        // was not looked at as a request by them, and is none to us.
        if !answer.isWebSocket, head.namesUpgrade(to: "websocket") { mustEnd = true }
        switch answer {
        case .now(let response):
            // A client that waits for leave to send its content will now not get it, and may send it
            // or not. There is no telling the next request from it.
            if head.expectsContinue { mustEnd = true }
            exchange.handling = .dropping
            respond(with: response)
            if head.expectsContinue, exchange.response == .whole { endExchange() }
        case .later(let limit, let handler):
            machine.bodyLimit = UInt64(max(limit, 0))
            exchange.handling = .gathering(handler)
            invite(head)
        case .streaming(let limit, let handler):
            machine.bodyLimit = limit
            exchange.handling = .streaming
            invite(head)
            let reader = HTTPBodyReader(self, exchange: exchange.number)
            let number = exchange.number
            exchange.task = loop.begin { [self] in
                await work(on: number) { await handler(request, reader) }
            }
        case .webSocket(let acceptance):
            exchange.handling = .upgrading(acceptance)
        }
    }

    func takeBody(_ piece: Span<UInt8>) {
        switch exchange.handling {
        case .dropping, .upgrading:
            break
        case .gathering:
            exchange.gathered.append(copying: piece)
        case .streaming:
            exchange.put(piece)
        }
    }

    func endOfBody() {
        switch exchange.handling {
        case .dropping:
            if exchange.response == .whole { endExchange() } else { enter(.working) }
        case .gathering(let handler):
            guard let request = exchange.request else { return }
            var body: [UInt8] = []
            swap(&body, &exchange.gathered)
            enter(.working)
            let number = exchange.number
            exchange.task = loop.begin { [self, body] in
                await work(on: number) { await handler(request, body) }
            }
        case .streaming:
            exchange.endInput()
            enter(.working)
        case .upgrading(let acceptance):
            upgrade(acceptance)
        }
    }

    /// The client has ended in the middle of its request's content. Answers to earlier ones may
    /// still be on their way.
    func bodyCutOff() {
        guard exchange.response != .begun else {
            abort()
            return
        }
        exchange.abandon()
        linger()
    }

    /// Tells the client which rule it broke, unless an answer is already on its way.
    func refuse(_ refusal: HTTPRefusal) {
        doorway.metrics.refusals.child(refusal.rule.rawValue).add()
        if refusal.looksLikeSmuggling {
            doorway.metrics.smuggling.add()
            doorway.log.warning(
                "a request looks like smuggling and was refused",
                ["peer": .string(peer.ip.description), "rule": .string(refusal.sentence)]
            )
        }
        answerRefusal(refusal.status, refusal.sentence)
    }

    func refuse(_ status: HTTPStatus, _ sentence: String, _ label: String) {
        doorway.metrics.refusals.child(label).add()
        answerRefusal(status, sentence)
    }

    private func answerRefusal(_ status: HTTPStatus, _ sentence: String) {
        mustEnd = true
        if exchange.request != nil { exchange.endInput(.refused) }
        switch exchange.response {
        case .begun:
            // Another response in the middle of this one would be taken for its content, and ending
            // it in good order would make the client take it for whole.
            abort()
            return
        case .none:
            let response = HTTPResponse.text(status, sentence + "\n")
            write(response, body: response.body)
        case .whole:
            break
        }
        if exchange.request == nil {
            doorway.log.debug(
                "a request was refused",
                [
                    "status": .int(status.rawValue), "why": .string(sentence),
                    "client": .string(peer.ip.description),
                ]
            )
        } else {
            logExchange(loop.now - exchange.began)
        }
        exchange.abandon()
        linger()
    }

    private func work(on number: Int, _ handler: @Sendable () async -> HTTPResponse) async {
        let response = await handler()
        finish(with: response, of: number)
    }

    /// A response that was made in a task. The request may be long gone.
    private func finish(with response: HTTPResponse, of number: Int) {
        guard exchange.isCurrent(number) else { return }
        respond(with: response)
        if exchange.response == .whole { endResponse() }
        sendOutput()
        turn()
    }

    /// The response is whole, and nobody is at work any more.
    func endResponse() {
        exchange.response = .whole
        if stage == .body {
            // What is dropped is read to its end. Other content was for whoever has just answered,
            // and now nobody will read it.
            if case .dropping = exchange.handling { return }
            mustEnd = true
        }
        endExchange()
    }

    /// The response has been written and the request read: on to the next, or to the end.
    func endExchange() {
        let took = loop.now - exchange.began
        doorway.metrics.requestSeconds.observe(took, cell: loop.index)
        logExchange(took)
        exchange.finish()
        guard mustEnd || doorway.isDraining else {
            enter(.idle)
            return
        }
        linger()
    }

    /// Who asked for what, and how it went. Without the query, which may hold what is nobody's business.
    func logExchange(_ took: Duration) {
        guard let request = exchange.request else { return }
        doorway.log.debug(
            "request",
            [
                "method": .string(request.head.method.rawValue),
                "path": .string(String(decoding: request.head.path, as: UTF8.self)),
                "status": .int(exchange.status?.rawValue ?? 0),
                "took": .duration(took),
                "client": .string(request.client.description),
            ]
        )
    }

    /// Lets a client that waits for leave send its content. Not if it says that this is too long: the
    /// refusal is coming.
    private func invite(_ head: HTTPRequestHead) {
        guard head.expectsContinue else { return }
        if case .length(let length) = head.framing, length > machine.bodyLimit { return }
        HTTPResponseWriter.writeContinue(to: &loop.scratch.outgoing)
    }

    // MARK: - Who and how

    private func clientAddress(of head: HTTPRequestHead) -> IPAddress {
        guard isTrusted || rules.trusts(peer.ip), head.fields.contains("x-forwarded-for") else {
            return peer.ip
        }
        return ForwardedFor.client(
            of: head.fields,
            peer: peer.ip,
            trusted: rules.values.trustedProxies
        )
    }

    private func isSecure(_ head: HTTPRequestHead) -> Bool {
        if transport.isSecured { return true }
        guard isTrusted || rules.trusts(peer.ip) else { return false }
        return head.fields.first("x-forwarded-proto", is: "https")
    }

    // MARK: - For body readers and writers

    func nextBodyPiece(of number: Int) async throws(HTTPBodyFault) -> [UInt8]? {
        while true {
            guard exchange.number == number else { throw .connectionEnded }
            let wasBehind = exchange.isReaderBehind
            switch exchange.takePiece() {
            case .bytes(let piece):
                if wasBehind { readerCaughtUp() }
                return piece
            case .end: return nil
            case .fault(let fault): throw fault
            case .none: await withCheckedContinuation { exchange.wait(reader: $0) }
            }
        }
    }

    func writeBodyPiece(_ piece: [UInt8], of number: Int) async throws(HTTPBodyFault) {
        guard exchange.isWriting(number) else { throw .connectionEnded }
        guard !piece.isEmpty else { return }
        switch exchange.outgoing {
        case .none:
            return
        case .untilClose:
            transport.send(piece)
        case .chunked:
            HTTPResponseWriter.writeChunk(piece.span, to: &loop.scratch.outgoing)
            sendOutput()
        case .counted(let left):
            guard piece.count <= left else { throw .tooLong }
            exchange.outgoing = .counted(left: left - UInt64(piece.count))
            transport.send(piece)
        }
        arm()
        while transport.unsentBytes >= Self.outputLimit {
            await withCheckedContinuation { exchange.wait(writer: $0) }
            guard exchange.isWriting(number) else { throw .connectionEnded }
        }
    }
}
