package import Basics

/// What a node remembers when it is started again.
///
/// Every method returns when its effect is durable, or throws a ``StoreFault`` and has had none; where the
/// store is elsewhere an answer can be lost, and then the fault says that it may have been done. Texts
/// and blobs are bounded by ``StoreLimits``; a page holds at most ``StoreLimits/page`` rows whatever is
/// asked for. Times are kept to the millisecond.
package protocol DurableStore: Sendable {
    /// Sets what is set for a channel, whether or not anything was.
    func save(_ channel: ChannelRecord) async throws(StoreFault)
    func channel(_ id: String) async throws(StoreFault) -> ChannelRecord?
    /// The channels for which something is set, by id, from the first one after this.
    func channels(after id: String?, limit: Int) async throws(StoreFault) -> [ChannelRecord]

    /// Writes a call's beginning, its end, or whatever changed about it. Its start is kept.
    func save(_ call: CallRecord) async throws(StoreFault)
    func call(_ id: String) async throws(StoreFault) -> CallRecord?
    /// The calls of a channel or of all, newest first, from the first one older than this.
    func calls(
        in channel: String?,
        before place: CallRecord.Place?,
        limit: Int
    ) async throws(StoreFault) -> [CallRecord]
    /// Calls that have not ended: after a crash, those that the crash ended.
    func unendedCalls(limit: Int) async throws(StoreFault) -> [CallRecord]
    /// What all calls come to.
    func statistics(at now: WallTime) async throws(StoreFault) -> CallStatistics
    /// Forgets calls that ended before this, with their attendance; a page at a time. Answers how many.
    func forgetCalls(endedBefore time: WallTime) async throws(StoreFault) -> Int

    /// Writes that a session has joined a call, or left it. The call must have been saved.
    func save(_ attendance: AttendanceRecord) async throws(StoreFault)
    /// Who was in a call, in the order they joined, from the first one after this.
    func attendance(
        of call: String,
        after place: AttendanceRecord.Place?,
        limit: Int
    ) async throws(StoreFault) -> [AttendanceRecord]

    /// Registers a client unless its id is taken. Answers whether it was registered.
    func register(_ client: ClientRecord) async throws(StoreFault) -> Bool
    func client(_ id: String) async throws(StoreFault) -> ClientRecord?
    /// Answers whether there was such a client.
    func unregister(_ id: String) async throws(StoreFault) -> Bool

    /// Writes a job's beginning or its progress. Its type and creation are kept.
    func save(_ job: JobRecord) async throws(StoreFault)
    func job(_ id: String) async throws(StoreFault) -> JobRecord?
    /// Jobs by id, from the first one after this.
    func jobs(after id: String?, limit: Int) async throws(StoreFault) -> [JobRecord]
    /// Forgets jobs last written before this; a page at a time. Answers how many.
    func forgetJobs(updatedBefore time: WallTime) async throws(StoreFault) -> Int

    func save(_ session: SessionRecord) async throws(StoreFault)
    /// The login with this token, unless it has expired.
    func session(tokenHash: [UInt8], at now: WallTime) async throws(StoreFault) -> SessionRecord?
    /// Answers whether there was such a login.
    func endSession(tokenHash: [UInt8]) async throws(StoreFault) -> Bool
    /// Forgets logins that have expired; a page at a time. Answers how many.
    func forgetSessions(expiredAt now: WallTime) async throws(StoreFault) -> Int

    func value(of key: String) async throws(StoreFault) -> VersionedValue?
    /// Writes a value if the key still has this version, or no value where it is nil. Answers the new
    /// version, or nil if somebody else was faster: read again and decide again.
    func write(
        _ bytes: [UInt8],
        to key: String,
        ifVersion version: Int64?
    ) async throws(StoreFault) -> Int64?
    /// Removes a key if it still has this version. Answers whether it did.
    func remove(key: String, ifVersion version: Int64) async throws(StoreFault) -> Bool

    /// Finishes what was asked for and lets go of the store. Everything after that throws.
    func close() async
}
