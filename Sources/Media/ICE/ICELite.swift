package import Basics

/// The lite side of ICE for one peer.
package struct ICELite: Sendable {
    package enum Event: Hashable, Sendable {
        case none
        case checked(DatagramPath)
        case nominated(DatagramPath)
        case conflict
    }

    package struct Verdict: Hashable, Sendable {
        package var answerCount = 0
        package var event = Event.none
    }

    private struct Local: Sendable {
        var credentials: ICECredentials
        var key: STUNKey
        var ufrag: [UInt8]
    }

    private struct Known: Sendable {
        var path: DatagramPath
        var heard: Instant
    }

    private var locals: [Local]
    private var remoteUfrag: [UInt8]?
    private var known: [Known] = []
    package private(set) var selected: DatagramPath?
    package private(set) var lastHeard: Instant?

    package init(_ credentials: ICECredentials) {
        locals = [Self.local(credentials)]
    }

    private static func local(_ credentials: ICECredentials) -> Local {
        Local(
            credentials: credentials,
            key: STUNKey(password: credentials.password),
            ufrag: Array(credentials.ufrag.utf8)
        )
    }

    package mutating func meet(remoteUfrag: String) {
        self.remoteUfrag = Array(remoteUfrag.utf8)
    }

    package mutating func restart(_ credentials: ICECredentials) {
        locals = [Self.local(credentials)] + locals.prefix(1)
    }

    package var ufrags: [String] { locals.map(\.credentials.ufrag) }

    package func has(_ path: DatagramPath) -> Bool {
        for entry in known where entry.path == path { return true }
        return false
    }

    package mutating func receive(
        _ message: borrowing STUNMessage,
        from path: DatagramPath,
        at now: Instant,
        into answer: inout MutableSpan<UInt8>
    ) -> Verdict {
        var verdict = Verdict()
        guard message.hasValidFingerprint, let name = message.copy(of: .username),
            let local = locals.first(where: { name.starts(with: $0.ufrag + [0x3A]) }),
            message.isVouched(by: local.key)
        else { return verdict }
        if let remoteUfrag, name.dropFirst(local.ufrag.count + 1) != remoteUfrag[...] {
            return verdict
        }
        let isConflict = message.has(.iceControlled)
        var writer = STUNWriter(
            isConflict ? .failure : .success,
            .binding,
            message.transaction,
            into: answer._mutatingExtracting(0..<answer.count)
        )
        if isConflict {
            writer.append(STUNErrorCode(487, "Role Conflict"))
        } else {
            writer.append(.xorMappedAddress, path.remote)
        }
        writer.appendIntegrity(local.key)
        writer.appendFingerprint()
        verdict.answerCount = writer.finish() ?? 0
        if isConflict {
            verdict.event = .conflict
            return verdict
        }
        lastHeard = now
        if let index = known.firstIndex(where: { $0.path == path }) {
            known[index].heard = now
        } else {
            if known.count == 16,
                let oldest = known.indices.min(by: { known[$0].heard < known[$1].heard })
            {
                known.remove(at: oldest)
            }
            known.append(Known(path: path, heard: now))
        }
        let isNominated = message.has(.useCandidate) || selected == nil
        if isNominated, selected != path {
            selected = path
            verdict.event = .nominated(path)
        } else {
            verdict.event = .checked(path)
        }
        return verdict
    }
}
