internal import CScripts
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

    var script: RedisScript {
        guard let script = Self.texts[rawValue] else {
            preconditionFailure("\(rawValue).lua is in the binary: see scripts.c")
        }
        return script
    }

    private static let texts: [String: RedisScript] = {
        var texts: [String: RedisScript] = [:]
        for index in 0..<roost_script_count {
            guard let entry = unsafe roost_script_at(index)?.pointee else { continue }
            let text = unsafe UnsafeBufferPointer(start: entry.bytes, count: entry.count)
            unsafe texts[String(cString: entry.name)] = RedisScript([UInt8](text))
        }
        return texts
    }()
}
