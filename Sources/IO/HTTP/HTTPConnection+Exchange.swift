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
        switch doorway.service.answer(request) {
        case .now(let response):
            // A client that waits for leave to send its content will now not get it, and may send it
            // or not. There is no telling the next request from it.
            if head.expectsContinue { mustEnd = true }
            exchange.handling = .dropping
            respond(with: response)
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
            exchange.put([UInt8](copying: piece))
        }
    }

    func endOfBody() {
        switch exchange.handling {
        case .dropping where exchange.hasResponded:
            endExchange()
        case .dropping:
            enter(.working)
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
            if exchange.hasResponded { endExchange() } else { enter(.working) }
        case .upgrading(let acceptance):
            upgrade(acceptance)
        }
    }

    func bodyCutOff() {
        exchange.endInput(.connectionEnded)
        end()
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
        if exchange.request != nil {
            exchange.endInput(.refused)
            exchange.task?.cancel()
        }
        if !exchange.hasResponded || exchange.request == nil {
            let response = HTTPResponse.text(status, sentence + "\n")
            write(response, body: .bytes([UInt8]((sentence + "\n").utf8)))
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
        guard stage != .gone, stage != .lingering, exchange.number == number else { return }
        respond(with: response)
        if case .stream = response.body {
            // Its task ends the exchange.
        } else if stage == .working {
            endExchange()
        } else {
            // The content was not read to its end, and now nobody will.
            mustEnd = true
            endExchange()
        }
        sendOutput()
        turn()
    }

    /// The response has been written and the request read: on to the next, or to the end.
    func endExchange() {
        doorway.metrics.requestSeconds.observe(loop.now - exchange.began, cell: loop.index)
        exchange.finish()
        guard mustEnd || doorway.isDraining else {
            enter(.idle)
            return
        }
        linger()
    }

    /// Lets a client that waits for leave send its content.
    private func invite(_ head: HTTPRequestHead) {
        guard head.expectsContinue else { return }
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
            guard stage != .gone, exchange.number == number else { throw .connectionEnded }
            switch exchange.takePiece() {
            case .bytes(let piece):
                if !exchange.isReaderBehind { transport.revisit() }
                return piece
            case .end: return nil
            case .fault(let fault): throw fault
            case .none: await withCheckedContinuation { exchange.wait(reader: $0) }
            }
        }
    }

    func writeBodyPiece(_ piece: [UInt8], of number: Int) async throws(HTTPBodyFault) {
        guard stage != .gone, exchange.number == number else { throw .connectionEnded }
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
            guard stage != .gone, exchange.number == number else { throw .connectionEnded }
        }
    }
}
