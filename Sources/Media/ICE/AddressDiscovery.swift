package import Basics

/// By which public addresses the world sees this machine's own, as STUN servers tell it (RFC 8489
/// section 14.2). For nodes behind a translator that maps one address to one, as clouds have it: the
/// port is taken to stay the same, as it does there.
///
///     begin ──▶ asking ── an answer, or patience is over ──▶ resting ── `interval` ──▶ asking …
///
/// Of each local address it asks every server at once, again and again in growing distances, and takes
/// the first answer: a server that is down costs nothing but its questions. An answer counts only from
/// the server that was asked, and with the number of the question. What was learnt is kept when nobody
/// answers later: a public address is less likely to go than a STUN server.
package struct AddressDiscovery: Sendable {
    package enum Action: Hashable, Sendable {
        case send([UInt8], from: IPAddress, to: SocketAddress)
        /// Public addresses by local ones: they have changed.
        case found([IPAddress: IPAddress])
        /// Nobody has answered of these; asked again later.
        case silent([IPAddress])
    }

    private struct Question: Sendable {
        let local: IPAddress
        let server: SocketAddress
        let transaction: STUNTransactionID
        var next: Instant
        var pause = AddressDiscovery.firstPause
        var isAnswered = false
    }

    private let locals: [IPAddress]
    private let interval: Duration
    private var questions: [Question] = []
    private var givingUp: Instant?
    private var nextRound: Instant?
    /// What is known, by local addresses.
    package private(set) var found: [IPAddress: IPAddress] = [:]

    /// RFC 8489 section 6.2.1 begins with half a second, and doubles it.
    private static let firstPause = Duration.milliseconds(500)
    private static let patience = Duration.seconds(8)
    /// More than anybody has, and few enough to ask.
    package static let mostServers = 8

    package init(locals: [IPAddress], interval: Duration = .seconds(300)) {
        self.locals = Array(locals.prefix(HostCandidates.mostAddresses))
        self.interval = interval
    }

    /// Asks these servers, now that their names have been looked up.
    package mutating func ask(
        _ servers: [SocketAddress],
        at now: Instant,
        using random: inout some RandomNumberGenerator
    ) -> [Action] {
        questions = []
        nextRound = now + interval
        for local in locals {
            for server in servers.prefix(Self.mostServers)
            where server.ip.family == local.family {
                let transaction = STUNTransactionID(using: &random)
                questions.append(
                    Question(local: local, server: server, transaction: transaction, next: now)
                )
            }
        }
        givingUp = questions.isEmpty ? nil : now + Self.patience
        return advance(to: now)
    }

    /// When to call ``advance(to:)``, or to ``ask(_:at:using:)`` again.
    package var deadline: Instant? {
        let next = questions.filter { !$0.isAnswered }.map(\.next).min()
        return [next, givingUp, nextRound].compactMap { $0 }.min()
    }

    /// Whether names should be looked up and servers asked again.
    package func wantsRound(at now: Instant) -> Bool {
        nextRound.map { $0 <= now } ?? true
    }

    package mutating func advance(to now: Instant) -> [Action] {
        if let givingUp, givingUp <= now { return giveUp() }
        var actions: [Action] = []
        for index in questions.indices where !questions[index].isAnswered {
            guard questions[index].next <= now else { continue }
            questions[index].next = now + questions[index].pause
            questions[index].pause *= 2
            let question = questions[index]
            actions.append(
                .send(Self.bytes(question), from: question.local, to: question.server)
            )
        }
        return actions
    }

    private mutating func giveUp() -> [Action] {
        let silent = locals.filter { local in
            questions.contains { $0.local == local }
                && !questions.contains { $0.local == local && $0.isAnswered }
        }
        questions = []
        givingUp = nil
        return silent.isEmpty ? [] : [.silent(silent)]
    }

    /// Takes what came to the socket of a local address.
    package mutating func receive(
        _ bytes: Span<UInt8>,
        at local: IPAddress,
        from server: SocketAddress
    ) -> [Action] {
        guard let (transaction, seen) = Self.answer(bytes),
            questions.contains(where: {
                $0.local == local && $0.server == server && $0.transaction == transaction
            })
        else { return [] }
        for index in questions.indices where questions[index].local == local {
            questions[index].isAnswered = true
        }
        if questions.allSatisfy(\.isAnswered) { givingUp = nil }
        guard found[local] != seen.ip else { return [] }
        found[local] = seen.ip
        return [.found(found)]
    }

    private static func answer(
        _ bytes: Span<UInt8>
    ) -> (transaction: STUNTransactionID, seen: SocketAddress)? {
        do throws(STUNFault) {
            let message = try STUNMessage(bytes)
            guard message.kind == .success, message.method == .binding,
                let seen = message.address(.xorMappedAddress) ?? message.address(.mappedAddress),
                !seen.ip.isUnspecified, !seen.ip.isLoopback, seen.port != 0
            else { return nil }
            return (message.transaction, seen)
        } catch {
            return nil
        }
    }

    private static func bytes(_ question: Question) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 64)
        let span = buffer.mutableSpan
        var writer = STUNWriter(.request, .binding, question.transaction, into: span)
        writer.appendFingerprint()
        let count = writer.finish() ?? 0
        return Array(buffer.prefix(count))
    }
}
