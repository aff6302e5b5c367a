internal import Basics
internal import Wire

// How a response becomes bytes.
extension HTTPConnection {
    /// Writes a response, or begins to, if its body is made bit by bit.
    func respond(with response: HTTPResponse) {
        if response.endsConnection { mustEnd = true }
        guard case .stream(let length, let produce) = response.body else {
            write(response, body: response.body)
            exchange.response = .whole
            return
        }
        let isOld = exchange.request?.head.version == .http10
        if isOld, length == nil { mustEnd = true }
        let framing: HTTPFraming =
            length.map { .length($0) } ?? (isOld ? .untilClose : .chunked)
        writeHead(response, framing: framing)
        guard exchange.request?.head.method != .head, !response.status.isBodiless else {
            exchange.response = .whole
            return
        }
        exchange.response = .begun
        exchange.outgoing =
            length.map { .counted(left: $0) } ?? (isOld ? .untilClose : .chunked)
        sendOutput()
        let writer = HTTPBodyWriter(self, exchange: exchange.number)
        let number = exchange.number
        exchange.task = loop.begin { [self] in await stream(number, writer, produce) }
    }

    private func stream(
        _ number: Int,
        _ writer: HTTPBodyWriter,
        _ produce: @Sendable (HTTPBodyWriter) async throws -> Void
    ) async {
        do {
            try await produce(writer)
            endStream(of: number, isWhole: true)
        } catch {
            doorway.log.debug("a response was given up", ["why": .error(error)])
            endStream(of: number, isWhole: false)
        }
    }

    /// Writes a response whose body is there, compressed if that is wanted and worth it.
    func write(_ response: HTTPResponse, body: HTTPResponse.Body) {
        let request = exchange.request
        var bytes: [UInt8] = []
        if case .bytes(let whole) = body { bytes = whole }
        var coding: HTTPResponseWriter.Coding?
        if response.isCompressible {
            coding = .identity
            if bytes.count >= rules.values.gzipFrom, let request,
                ContentCoding.best(for: request.head.fields) == .gzip
            {
                bytes = Gzip.compress(bytes.span)
                coding = .gzip
            }
        }
        write(
            response.status,
            fields: response.fields,
            coding: coding,
            framing: .length(UInt64(bytes.count))
        )
        guard request?.head.method != .head, !response.status.isBodiless, !bytes.isEmpty else {
            return
        }
        if bytes.count <= Self.copyLimit {
            loop.scratch.outgoing.append(contentsOf: bytes)
        } else {
            sendOutput()
            transport.send(bytes)
        }
    }

    private func writeHead(_ response: HTTPResponse, framing: HTTPFraming) {
        write(response.status, fields: response.fields, framing: framing)
    }

    private func write(
        _ status: HTTPStatus,
        fields: HTTPFields,
        coding: HTTPResponseWriter.Coding? = nil,
        framing: HTTPFraming
    ) {
        HTTPResponseWriter.writeHead(
            status,
            fields: fields,
            coding: coding,
            date: doorway.dateBytes.span,
            framing: framing,
            keepAlive: !mustEnd && !doorway.isDraining,
            version: exchange.request?.head.version ?? .http11,
            to: &loop.scratch.outgoing
        )
        exchange.status = status
        let digit = min(max(Int(status.rawValue) / 100, 1), 5)
        doorway.metrics.requestsByClass[digit - 1].add(cell: loop.index)
    }

    private func endStream(of number: Int, isWhole: Bool) {
        guard exchange.isWriting(number) else { return }
        var isComplete = isWhole
        switch exchange.outgoing {
        case .chunked where isWhole:
            HTTPResponseWriter.writeLastChunk(to: &loop.scratch.outgoing)
        case .counted(let left) where left > 0:
            isComplete = false
        case .chunked, .counted, .untilClose, .none:
            break
        }
        guard isComplete else {
            // The client must not take what it has for the whole.
            abort()
            return
        }
        endResponse()
        sendOutput()
        turn()
    }

    /// Up to here a body is copied behind its head, so that both leave in one packet.
    private static let copyLimit = 16 * 1024
}
