internal import Calls
internal import IO
internal import Settings
internal import Store
internal import Wire

// What is set for a channel.
extension AppRoutes {
    func addChannels(to router: inout Router) {
        on(.get, "/channels/{channel}", in: &router) { ask throws(AppFault) in
            let record: ChannelRecord?
            do throws(StoreFault) {
                record = try await store.channel(ask.channel.description)
            } catch {
                throw AppFault(error)
            }
            return answer(record ?? ChannelRecord(id: ask.channel.description))
        }
        on(.put, "/channels/{channel}", in: &router) { ask throws(AppFault) in try await set(ask) }
    }

    private func set(_ ask: Ask) async throws(AppFault) -> HTTPResponse {
        let body = try ask.object(isRequired: true)
        let enabled = body["enabled"]
        guard enabled == nil || enabled == .null || enabled?.boolean != nil else {
            throw AppFault(.unprocessableContent, "enabled is true, false or null")
        }
        let name = try body.text("display_name", upTo: 128)
        var record = ChannelRecord(id: ask.channel.description, isEnabled: enabled?.boolean)
        do throws(StoreFault) {
            var props = try await store.channel(record.id)?.propsObject ?? JSONObject()
            props[ChannelNames.property] = name.map { .string($0) }
            record.props = JSONValue.object(props).text
            try await store.save(record)
        } catch {
            throw AppFault(error)
        }
        calls.set(isEnabled: record.isEnabled, in: ask.channel)
        let isEnabled = record.isEnabled ?? settings.value.calls.defaultEnabled
        calls.announce(.channelEnabled(ask.channel, isEnabled), in: ask.channel)
        return answer(record)
    }

    private func answer(_ record: ChannelRecord) -> HTTPResponse {
        .json { json in
            json.member("channel_id", record.id)
            json.key("enabled")
            if let isEnabled = record.isEnabled { json.boolean(isEnabled) } else { json.null() }
            json.member("display_name", record.propsObject[ChannelNames.property]?.string)
        }
    }
}
