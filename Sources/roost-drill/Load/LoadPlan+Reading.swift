internal import Wire

extension LoadPlan {
    /// Takes what a file says, and leaves the rest as it was. Throws all that is wrong with it.
    package mutating func read(_ bytes: Span<UInt8>, named name: String) throws(LoadPlanFault) {
        let document = TOMLDocument(parsing: bytes)
        var faults = document.faults.map { "\($0)" }
        faults += read(document.root, prefix: "")
        if !faults.isEmpty { throw LoadPlanFault(name: name, faults: faults) }
    }

    /// Takes one option of a command line, such as `--per-call` with its value; nil stands for none, as
    /// switches have. False if there is no such option.
    package mutating func take(
        _ option: String,
        _ value: String?
    ) throws(LoadPlanFault) -> Bool {
        guard option.hasPrefix("--") else { return false }
        let key = String(option.dropFirst(2).map { $0 == "-" ? "_" : $0 })
        guard let kind = Self.keys[key] else { return false }
        var line = "\(key) = "
        switch kind {
        case .flag: line += value ?? "true"
        case .number: line += value ?? ""
        case .text: line += Self.quoted(value ?? "")
        case .numbers: line += "[\(value ?? "")]"
        case .texts:
            let all = settings + (value.map { [$0] } ?? [])
            line += "[" + all.map { Self.quoted($0) }.joined(separator: ", ") + "]"
        }
        let document = TOMLDocument(parsing: Array("\(line)\n".utf8).span)
        guard document.faults.isEmpty else {
            throw LoadPlanFault(
                name: option,
                faults: ["\(value.map { "\"\($0)\"" } ?? "nothing") is no value for it"]
            )
        }
        let faults = read(document.root, prefix: "")
        if !faults.isEmpty {
            let words = faults.map { $0.hasPrefix("line 1: ") ? String($0.dropFirst(8)) : $0 }
            throw LoadPlanFault(name: option, faults: words)
        }
        return true
    }

    /// Whether an option stands alone.
    package static func isSwitch(_ option: String) -> Bool {
        keys[String(option.dropFirst(2).map { $0 == "-" ? "_" : $0 })] == .flag
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for character in text {
            if character == "\"" || character == "\\" { quoted.append("\\") }
            quoted.append(character)
        }
        return quoted + "\""
    }

    private enum Kind {
        case flag
        case number
        case text
        case numbers
        case texts
    }

    private static let keys: [String: Kind] = [
        "target": .text, "allow_remote": .flag, "key": .text, "key_name": .text, "pid": .number,
        "set": .texts, "server_cpus": .text, "calls": .number, "per_call": .number,
        "unmuted": .number, "screens": .number, "cameras": .number, "simulcast": .flag,
        "loss": .number, "profile": .text, "voice_bytes": .number, "voice_rate": .number,
        "screen_bitrate": .number, "camera_bitrate": .number, "picture_rate": .number,
        "ramp": .text, "duration": .text, "settle": .text, "seed": .number, "mutes": .number,
        "hands": .number, "reactions": .number, "rejoins": .number, "moves": .number,
        "threads": .number, "cpus": .numbers, "opens_every": .number,
    ]

    private mutating func read(_ root: TOMLTable, prefix: String) -> [String] {
        var table = DrillTable(root, in: prefix, allowing: Self.keys.keys.sorted())
        if let text = table.text("target") { target = text.isEmpty ? nil : text }
        allowsRemote = table.flag("allow_remote") ?? allowsRemote
        keyFile = table.text("key") ?? keyFile
        keyName = table.text("key_name") ?? keyName
        pid = table.whole("pid", 1...4_194_304) ?? pid
        settings = table.texts("set") ?? settings
        serverCPUs = table.text("server_cpus") ?? serverCPUs
        calls = table.whole("calls", 1...10_000) ?? calls
        perCall = table.whole("per_call", 1...10_000) ?? perCall
        unmuted = table.whole("unmuted", 0...10_000) ?? unmuted
        screens = table.whole("screens", 0...10_000) ?? screens
        cameras = table.whole("cameras", 0...10_000) ?? cameras
        simulcast = table.flag("simulcast") ?? simulcast
        loss = table.number("loss", 0...50) ?? loss
        profile = table.choice("profile") ?? profile
        voiceBytes = table.whole("voice_bytes", 30...1_000) ?? voiceBytes
        voiceRate = table.whole("voice_rate", 1...100) ?? voiceRate
        screenBitrate = table.whole("screen_bitrate", 50_000...50_000_000) ?? screenBitrate
        cameraBitrate = table.whole("camera_bitrate", 50_000...50_000_000) ?? cameraBitrate
        pictureRate = table.whole("picture_rate", 1...120) ?? pictureRate
        ramp = table.time("ramp") ?? ramp
        duration = table.time("duration") ?? duration
        settle = table.time("settle") ?? settle
        seed = table.whole("seed", 0...Int.max).map { UInt64($0) } ?? seed
        mutes = table.number("mutes", 0...600) ?? mutes
        hands = table.number("hands", 0...600) ?? hands
        reactions = table.number("reactions", 0...600) ?? reactions
        rejoins = table.number("rejoins", 0...60) ?? rejoins
        moves = table.number("moves", 0...60) ?? moves
        threads = table.whole("threads", 1...64) ?? threads
        cpus = table.wholes("cpus", 0...1_023) ?? cpus
        opensEvery = table.whole("opens_every", 1...1_000_000) ?? opensEvery
        return table.faults + contradictions
    }

    /// What can't be, though each value could.
    private var contradictions: [String] {
        var faults: [String] = []
        if people > Self.mostPeople {
            faults.append(
                "calls times per_call is \(people); one tool speaks for \(Self.mostPeople) at most"
            )
        }
        if duration > .seconds(86_400) || ramp > .seconds(86_400) {
            faults.append("ramp and duration are a day at most; the tool stops by itself")
        }
        if duration < .seconds(1) { faults.append("duration must be a second at least") }
        return faults
    }

    private static let mostPeople = 20_000
}

/// Why words are no load.
package struct LoadPlanFault: Error, Hashable, Sendable, CustomStringConvertible {
    package var name: String
    package var faults: [String]

    package var description: String {
        "\(name) can't be taken:\n  " + faults.joined(separator: "\n  ")
    }
}
