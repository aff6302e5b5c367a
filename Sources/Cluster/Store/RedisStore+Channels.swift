internal import IO
package import Store

extension RedisStore {
    package func save(_ channel: ChannelRecord) async throws(StoreFault) {
        try StoreLimits.check(channel.id)
        try StoreLimits.check(document: channel.props)
        let mark = channel.isEnabled.map { $0 ? "+" : "-" } ?? "?"
        try await perform(.saveChannel) { () async throws(StoreFault) in
            try await run(
                .saveChannel,
                [keys.channels, keys.channelOrder],
                [Array(channel.id.utf8), Array((mark + channel.props).utf8)]
            )
        }
    }

    package func channel(_ id: String) async throws(StoreFault) -> ChannelRecord? {
        try await perform(.channel) { () async throws(StoreFault) in
            let value = try await ask(RedisCommand("HGET", keys.channels, id))
            return value.isNull ? nil : try channel(id, value)
        }
    }

    package func channels(
        after id: String?,
        limit: Int
    ) async throws(StoreFault) -> [ChannelRecord] {
        try await perform(.channels) { () async throws(StoreFault) in
            let records = try await records(
                by: keys.channelOrder,
                in: .fields(of: keys.channels, beginning: ""),
                beyond: id.map { Array($0.utf8) },
                placeSize: 0,
                limit: limit
            )
            var channels: [ChannelRecord] = []
            for record in records { channels.append(try channel(record.text, record.value)) }
            return channels
        }
    }

    private func channel(
        _ id: String,
        _ value: RedisValue
    ) throws(StoreFault) -> ChannelRecord {
        let isEnabled: Bool?
        guard let bytes = value.bytes else { throw damaged(keys.channels) }
        switch bytes.first {
        case UInt8(ascii: "+"): isEnabled = true
        case UInt8(ascii: "-"): isEnabled = false
        case UInt8(ascii: "?"): isEnabled = nil
        default: throw damaged(keys.channels)
        }
        let props = String(decoding: bytes.dropFirst(), as: UTF8.self)
        return ChannelRecord(id: id, isEnabled: isEnabled, props: props)
    }
}
