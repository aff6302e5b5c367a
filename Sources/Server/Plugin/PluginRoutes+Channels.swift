internal import Calls
internal import IO
internal import Identity
internal import Settings
internal import Store
internal import Wire

// Which channels have calls, and whether they may.
extension PluginRoutes {
    func addChannels(to router: inout Router) {
        on(.get, "/channels", in: &router) { await list($0) }
        onChannel(.get, "/{channel_id}", in: &router) { await show($0, $1) }
        onChannel(.post, "/{channel_id}", in: &router) { await decide($0, $1) }
    }

    private func list(_ ask: Ask) async -> HTTPResponse {
        let running = await calls.pictures(visibleTo: ask.principal)
        var pictures = Dictionary(running) { first, _ in first }
        var records: [ChannelRecord] = []
        do throws(StoreFault) {
            // One page after the other, up to a limit that no reader of a list gets to the end of.
            while records.count < 10_000 {
                let page = try await store.channels(after: records.last?.id, limit: 1_000)
                records += page
                if page.count < 1_000 { break }
            }
        } catch {
            return storeFailed("listing channels", error)
        }
        return .jsonArray { json in
            for record in records {
                guard let channel = ChannelID(record.id), ask.may(.read, in: channel) else {
                    continue
                }
                json.beginObject()
                Self.write(record, channel, pictures.removeValue(forKey: channel), to: &json)
                json.endObject()
            }
            for (channel, picture) in pictures.sorted(by: { $0.key < $1.key }) {
                json.beginObject()
                json.member("channel_id", channel.description)
                json.key("call")
                picture.write(into: &json)
                json.endObject()
            }
        }
    }

    private static func write(
        _ record: ChannelRecord,
        _ channel: ChannelID,
        _ picture: CallPicture?,
        to json: inout JSONWriter
    ) {
        json.member("channel_id", channel.description)
        if let isEnabled = record.isEnabled { json.member("enabled", isEnabled) }
        guard let picture else { return }
        json.key("call")
        picture.write(into: &json)
    }

    private func show(_ ask: Ask, _ channel: ChannelID) async -> HTTPResponse {
        guard ask.may(.read, in: channel) || ask.principal.isBot else { return .forbidden }
        let record: ChannelRecord?
        do throws(StoreFault) {
            record = try await store.channel(channel.description)
        } catch {
            return storeFailed("looking up the channel", error)
        }
        let picture = await calls.picture(of: channel, for: ask.person)
        let isEnabled = record?.isEnabled ?? settings.value.calls.defaultEnabled
        return .json { json in
            json.member("channel_id", channel.description)
            json.member("enabled", isEnabled)
            if let picture {
                json.key("call")
                picture.write(into: &json)
            } else if let props = record?.propsObject {
                json.member("props", .object(props))
            }
        }
    }

    private func decide(_ ask: Ask, _ channel: ChannelID) async -> HTTPResponse {
        let isLive = settings.value.calls.defaultEnabled
        guard ask.principal.isAdmin || isLive && ask.may(.moderate, in: channel) else {
            return .forbidden
        }
        guard let json = ask.json, let isEnabled = json["enabled"]?.boolean else {
            return .fault(.badRequest, "send {\"enabled\": true} or {\"enabled\": false}")
        }
        let props = json["props"]
        guard props == nil || props == .null || props?.object != nil else {
            return .fault(.badRequest, "props is an object")
        }
        do throws(StoreFault) {
            let old = try await store.channel(channel.description)
            var record = ChannelRecord(id: channel.description, isEnabled: isEnabled)
            record.props = props?.object.map { JSONValue.object($0).text } ?? old?.props ?? "{}"
            try await store.save(record)
            calls.set(isEnabled: isEnabled, in: channel)
            calls.announce(.channelEnabled(channel, isEnabled), in: channel)
            return .json { json in
                json.member("channel_id", channel.description)
                json.member("enabled", isEnabled)
                json.member("props", .object(record.propsObject))
            }
        } catch  where error.reason == .outOfBounds {
            return .fault(.badRequest, "props is too large; 256 KiB are stored")
        } catch {
            return storeFailed("storing the channel", error)
        }
    }
}

extension ChannelRecord {
    /// The other settings; none where the store holds what is no object.
    var propsObject: JSONObject {
        let bytes = [UInt8](props.utf8)
        do throws(JSONFault) {
            return try JSONValue(parsing: bytes.span).object ?? JSONObject()
        } catch {
            return JSONObject()
        }
    }
}
