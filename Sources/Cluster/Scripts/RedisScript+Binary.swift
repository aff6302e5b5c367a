internal import CScripts
internal import IO

extension RedisScript {
    /// The script of that file in `Sources/CScripts`.
    static func inBinary(named name: String) -> RedisScript {
        guard let script = texts[name] else {
            preconditionFailure("\(name).lua is in the binary: see scripts.c")
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
