internal import Basics
internal import Calls
internal import Cluster
internal import Coordination
internal import Distributed
internal import Identity

// Any node answers for all.
extension ClusterDesk {
    /// All nodes: those that answer, and what Redis says of the others.
    func picture(of cluster: String) async -> ClusterPicture {
        let overview = await floor.parts?.keeper.overview
        let others = overview?.others ?? []
        let names = Set(others.filter(\.isAlive).map(\.member.name)).union([name])
        // Whoever has come back under its name has nothing to say of the life before.
        let shown = others.filter { $0.isAlive || !names.contains($0.member.name) }
        let nodes = await withTaskGroup(of: ClusterPicture.Node.self) { group in
            group.addTask { [self] in .told(await status()) }
            for other in shown {
                group.addTask { [self] in await look(at: other) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        return ClusterPicture(
            cluster: cluster,
            asked: floor.member,
            isAlone: floor.parts == nil,
            at: Self.now.milliseconds,
            nodes: nodes.sorted { $0.member < $1.member }
        )
    }

    private func look(at other: Overview.Other) async -> ClusterPicture.Node {
        func silent(_ why: String) -> ClusterPicture.Node {
            .silent(
                ClusterPicture.Silent(
                    member: other.member,
                    why: why,
                    record: other.record,
                    stillFor: other.stillFor,
                    orphans: other.orphans
                )
            )
        }
        guard other.isAlive else {
            return silent(
                other.record.isAlive
                    ? "its process has ended; others take its calls over as soon as Redis lets them"
                    : "it is dead: the others have agreed on that, and have its calls"
            )
        }
        guard other.isLinked else {
            let view = await floor.parts?.links.views(of: [other.member])[other.member]
            guard let trouble = view?.trouble else {
                return silent("\(name) has no link to it; its log, and that of \(name), say why")
            }
            return silent("\(name) has no link to it: \(trouble)")
        }
        do {
            return .told(try await ask(other.member) { try await $0.status() })
        } catch {
            return silent("it does not answer: \(error)")
        }
    }

    func drain(_ node: String, _ wants: Bool) async -> Verdict {
        guard let keeper = floor.parts?.keeper else { return Self.alone(name) }
        guard node != name.description else { return await drain(wants) }
        let others = await keeper.overview.others
        guard let other = others.first(where: { $0.isAlive && $0.member.name.description == node })
        else {
            let alive = others.filter(\.isAlive).map(\.member) + [floor.member]
            return .refused(Self.noNode(node, alive))
        }
        return await wish(of: other.member) { try await $0.drain(wants) }
    }

    /// `channel`: its name, or its id.
    func move(_ channel: String, to node: String) async -> Verdict {
        guard floor.parts != nil else { return Self.alone(name) }
        for id in Self.channels(channel) {
            if calls.hosts(id) { return await move(id, to: node) }
            guard case .theirs(let member, _) = await floor.find(id) else { continue }
            return await wish(of: member) { try await $0.move(id, to: node) }
        }
        return .refused("no call runs in \(channel); `roost cluster calls` shows those that do")
    }

    /// What people may mean by it.
    static func channels(_ text: String) -> [ChannelID] {
        let named = ChannelID(Identifier(naming: text, as: .channel))
        return [ChannelID(text), named].compactMap(\.self)
    }

    private func wish(
        of member: MemberID,
        _ question: (NodeActor) async throws -> Verdict
    ) async -> Verdict {
        do {
            return try await ask(member, question)
        } catch {
            return .refused(
                "\(member.name) does not answer (\(error)); it may have heard all the same: look"
            )
        }
    }

    private func ask<Answer>(
        _ member: MemberID,
        _ question: (NodeActor) async throws -> Answer
    ) async throws -> Answer {
        let address = ActorAddress(.node, at: member)
        let node = try NodeActor.resolve(id: address, using: floor.system)
        return try await ClusterSystem.$patience.withValue(Self.patience) {
            try await question(node)
        }
    }

    /// Longer than a move may take.
    private static let patience = Duration.seconds(5)
}
