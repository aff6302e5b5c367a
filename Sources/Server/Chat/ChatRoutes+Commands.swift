internal import Basics
internal import Calls
internal import IO
internal import Identity
internal import Settings
internal import Wire

// What is typed after a slash. The answer is for whoever typed it alone, and is said in the answer to the
// request: there is no chat in which it could stand.
extension ChatRoutes {
    func addCommands(to router: inout Router) {
        on(.post, "/commands/execute", in: &router) { ask in
            guard let json = ask.json, let text = json["command"]?.string,
                let channel = json["channel_id"]?.string.flatMap({ ChannelID($0) })
            else { return .fault(.badRequest, "send command, and the id channel_id") }
            guard ask.may(.read, in: channel) else { return .forbidden }
            do throws(SlashCommand.Fault) {
                return Self.say(await carryOut(try SlashCommand(text), ask, channel))
            } catch {
                return error.isOfOthers
                    ? .fault(.notFound, error.description) : Self.say(error.description)
            }
        }
    }

    private func carryOut(
        _ command: SlashCommand,
        _ ask: PluginRoutes.Ask,
        _ channel: ChannelID
    ) async -> String {
        let link = ChannelLink(channel, at: settings.value.http.publicURL)
        switch command {
        case .clients(let word):
            return "your client has no /call \(word); calls are at \(link.text)"
        case .link: return link.text
        case .statistics(let json): return "```json\n\(json)\n```"
        case .end: return await order(.endForAll, ask, channel, done: "the call has ended")
        case .host(let name):
            let person = PersonID(Identifier(naming: name, as: .person))
            return await order(.makeHost(person), ask, channel, done: "\(name) is the host now")
        case .record:
            return settings.value.calls.enableRecordings
                ? "Job service is not initialized" : "Recordings are not enabled"
        }
    }

    private func order(
        _ order: HostOrder,
        _ ask: PluginRoutes.Ask,
        _ channel: ChannelID,
        done: String
    ) async -> String {
        switch await calls.order(order, in: channel, by: ask.authority(in: channel)) {
        case .done: done
        case .refused(let refusal): refusal.rawValue
        }
    }

    private static func say(_ text: String) -> HTTPResponse {
        .json { json in
            json.member("response_type", "ephemeral")
            json.member("text", text)
            json.member("goto_location", "")
        }
    }
}
