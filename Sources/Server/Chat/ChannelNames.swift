internal import Basics
internal import Calls
internal import Identity
internal import Store
internal import Synchronization
internal import Wire

/// A channel as the chat server's API shows one.
struct ChatChannel: Sendable {
    var id: ChannelID
    var displayName: String

    /// All channels are open to whoever may read them, and of the one team that there is.
    func write(to json: inout JSONWriter) {
        json.member("id", id.description)
        json.member("create_at", 0)
        json.member("update_at", 0)
        json.member("delete_at", 0)
        json.member("team_id", Team.id.description)
        json.member("type", "O")
        json.member("display_name", displayName)
        json.member("name", id.description)
        json.member("header", "")
        json.member("purpose", "")
        json.member("creator_id", "")
    }
}

/// The one team of a node, since chat clients look for channels within teams.
enum Team {
    static let name = "roost"
    static let id = Identifier(naming: name, as: .team)

    static func write(to json: inout JSONWriter) {
        json.member("id", id.description)
        json.member("create_at", 0)
        json.member("update_at", 0)
        json.member("delete_at", 0)
        json.member("display_name", "Roost")
        json.member("name", name)
        json.member("description", "")
        json.member("type", "O")
    }
}

/// What channels are called, as far as anybody has told: the application, by the channel's settings; or
/// whoever asked for a channel by its name. Else a channel is called by its id.
final class ChannelNames: Sendable {
    /// The member of a channel's stored props.
    static let property = "display_name"

    private let asked = Mutex(RecentlyUsed<ChannelID, String>(capacity: 10_000))
    private let store: any DurableStore
    private let log: Log

    init(store: any DurableStore, log: Log) {
        self.store = store
        self.log = log
    }

    /// The channel of that name. Every name is some channel's.
    func channel(named name: String) -> ChatChannel {
        let id = ChannelID(Identifier(naming: name, as: .channel))
        asked.withLock { _ = $0.set(id, to: name) }
        return ChatChannel(id: id, displayName: name)
    }

    func channel(_ id: ChannelID) async -> ChatChannel {
        ChatChannel(id: id, displayName: await name(of: id))
    }

    private func name(of id: ChannelID) async -> String {
        do throws(StoreFault) {
            let record = try await store.channel(id.description)
            if let name = record?.propsObject[Self.property]?.string { return name }
        } catch {
            log.warning("a channel's name could not be looked up", ["why": .error(error)])
        }
        return asked.withLock { $0.use(id) } ?? id.description
    }

    /// What somebody who asked for the channel here called it.
    func heard(of id: ChannelID) -> String? { asked.withLock { $0.peek(id) } }

    /// Those that were asked for by name, the latest first.
    var all: [ChatChannel] {
        asked.withLock { $0.all }.reversed().map { ChatChannel(id: $0.key, displayName: $0.value) }
    }
}
