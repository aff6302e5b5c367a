/// The names of what the store keeps in Redis. All have one hash tag, the cluster's name.
///
///     channels             hash    id: + or - or ?, and JSON            channels:order    ids
///     call:ID              hash    see store-save-call.lua              calls:start       time, id
///     stays:ID             hash    see store-save-stay.lua              calls:start:CHANNEL
///     stay-order:ID        index   time joined, session                 calls:running     ids
///     calls:sums           hash    see store-save-call.lua              calls:ended       time, id
///     clients              hash    id: who registered it, hash of key
///     job:ID               hash    see store-save-job.lua               jobs:order        ids
///                                                                       jobs:updated      time, id
///                                                                       jobs:recordings   time, id
///     login:HASH           text    time it expires, JSON                logins            time, hash
///     value:KEY            text    version, who wrote it, bytes
///
/// An index is a sorted set whose members have one score, so that it is in the order of their bytes.
struct StoreKeys: Sendable {
    private let prefix: String

    init(cluster: String) {
        prefix = "r1:{\(cluster)}:s:"
    }

    var channels: String { prefix + "channels" }
    var channelOrder: String { prefix + "channels:order" }

    var call: String { prefix + "call:" }
    var stays: String { prefix + "stays:" }
    var stayOrder: String { prefix + "stay-order:" }
    var callsByStart: String { prefix + "calls:start" }
    var callsOfChannel: String { prefix + "calls:start:" }
    var callsRunning: String { prefix + "calls:running" }
    var callsByEnd: String { prefix + "calls:ended" }
    var callSums: String { prefix + "calls:sums" }

    var clients: String { prefix + "clients" }

    var job: String { prefix + "job:" }
    var jobOrder: String { prefix + "jobs:order" }
    var jobsByUpdate: String { prefix + "jobs:updated" }
    var recordings: String { prefix + "jobs:recordings" }

    var login: String { prefix + "login:" }
    var loginsByExpiry: String { prefix + "logins" }

    var value: String { prefix + "value:" }
}
