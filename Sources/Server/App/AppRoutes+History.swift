internal import Basics
internal import IO
internal import Identity
internal import Store
internal import Wire

// Calls that were, and who was in them.
extension AppRoutes {
    func addHistory(to router: inout Router) {
        on(.get, "/history", in: &router) { ask throws(AppFault) in try await history(ask) }
        on(.get, "/calls/{call_id}", in: &router) { ask throws(AppFault) in
            let record = try await record(ask)
            return .json { Self.write(record, to: &$0) }
        }
        on(.get, "/calls/{call_id}/attendance", in: &router) { ask throws(AppFault) in
            try await attendance(ask)
        }
        on(.get, "/users/{user_id}/log", in: &router) { ask throws(AppFault) in
            guard let id = Identifier(ask.text("user_id")) else { throw .notFound }
            do throws(StoreFault) {
                let value = try await store.value(of: PluginRoutes.logKey(of: id))
                guard let value else { return .fault(.notFound, "they have sent no log") }
                return .json { $0.member("log", String(decoding: value.bytes, as: UTF8.self)) }
            } catch {
                throw AppFault(error)
            }
        }
    }

    private func record(_ ask: Ask) async throws(AppFault) -> CallRecord {
        guard Identifier(ask.text("call_id")) != nil else { throw .notFound }
        let record: CallRecord?
        do throws(StoreFault) {
            record = try await store.call(ask.text("call_id"))
        } catch {
            throw AppFault(error)
        }
        guard let record else { throw .notFound }
        return record
    }

    private func history(_ ask: Ask) async throws(AppFault) -> HTTPResponse {
        let page = try AppPage(ask)
        let place = try page.place().map { CallRecord.Place(started: $0.time, id: $0.id) }
        var channel: String?
        if let name = ask.query?.first("channel") {
            guard Self.isChannelName(name) else { throw AppFault(.badRequest, Self.channelRule) }
            channel = Identifier(naming: name, as: .channel).description
        }
        let records: [CallRecord]
        do throws(StoreFault) {
            records = try await store.calls(in: channel, before: place, limit: page.limit)
        } catch {
            throw AppFault(error)
        }
        return .json { json in
            json.key("calls")
            json.beginArray()
            for record in records {
                json.beginObject()
                Self.write(record, to: &json)
                json.endObject()
            }
            json.endArray()
            let last = records.count == page.limit ? records.last?.place : nil
            json.member("next_cursor", last.map { AppPage.cursor($0.started, $0.id) })
        }
    }

    private static func write(_ record: CallRecord, to json: inout JSONWriter) {
        json.member("call_id", record.id)
        json.member("channel_id", record.channel)
        json.member("title", record.title)
        json.member("owner_id", record.owner)
        json.member("started_at", record.started.milliseconds)
        json.member("ended_at", record.ended)
        for (name, seconds) in [
            ("screen_seconds", record.screenSeconds), ("video_seconds", record.videoSeconds),
        ] {
            json.member(name, seconds ?? 0)
        }
    }

    private func attendance(_ ask: Ask) async throws(AppFault) -> HTTPResponse {
        let page = try AppPage(ask)
        let place = try page.place().map { AttendanceRecord.Place(joined: $0.time, session: $0.id) }
        let call = try await record(ask)
        let records: [AttendanceRecord]
        do throws(StoreFault) {
            records = try await store.attendance(of: call.id, after: place, limit: page.limit)
        } catch {
            throw AppFault(error)
        }
        return .json { json in
            json.key("attendance")
            json.beginArray()
            for record in records {
                json.beginObject()
                json.member("session_id", record.session)
                json.member("user_id", record.user)
                json.member("joined_at", record.joined.milliseconds)
                json.member("left_at", record.left)
                json.endObject()
            }
            json.endArray()
            let last = records.count == page.limit ? records.last?.place : nil
            json.member("next_cursor", last.map { AppPage.cursor($0.joined, $0.session) })
        }
    }
}
