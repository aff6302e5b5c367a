internal import IO

/// What Redis does in one step for the store, each a file of Lua in the binary.
enum StoreScript: String, CaseIterable {
    case page = "store-page"
    case saveCall = "store-save-call"
    case forgetCalls = "store-forget-calls"
    case saveStay = "store-save-stay"
    case statistics = "store-statistics"
    case saveChannel = "store-save-channel"
    case register = "store-register"
    case saveJob = "store-save-job"
    case forgetJobs = "store-forget-jobs"
    case saveLogin = "store-save-login"
    case endLogin = "store-end-login"
    case forgetLogins = "store-forget-logins"
    case write = "store-write"
    case remove = "store-remove"

    var script: RedisScript { .inBinary(named: rawValue) }
}
