internal import Basics

/// What `roost doctor` was asked to do.
package struct DoctorArguments: Hashable, Sendable {
    package enum Task: Hashable, Sendable {
        case examine
        case probe(host: String, mediaPort: UInt16?, httpPort: UInt16?)
        case answer(seconds: Int)
        case help
    }

    package struct Fault: Error, Hashable, Sendable, CustomStringConvertible {
        package var description: String
    }

    package private(set) var task = Task.examine
    package private(set) var isJSON = false

    package init(_ arguments: [String]) throws(Fault) {
        var words = arguments[...]
        var host: String?
        var httpPort: UInt16?
        var answers = false
        var seconds: Int?
        while let word = words.popFirst() {
            var value: String?
            var name = word
            if word.hasPrefix("--"), let equals = word.firstIndex(of: "=") {
                name = String(word[..<equals])
                value = String(word[word.index(after: equals)...])
            }
            func take(_ what: String) throws(Fault) -> String {
                guard let taken = value ?? words.popFirst(), !taken.isEmpty else {
                    throw Fault(description: "\(name) wants \(what)")
                }
                return taken
            }
            switch name {
            case "--help", "-h": task = .help
            case "--json": isJSON = true
            case "--probe": host = try take("the other machine: HOST or HOST:PORT")
            case "--answer": answers = true
            case "--seconds":
                guard let number = Int(try take("a number")), (1...86_400).contains(number) else {
                    throw Fault(description: "--seconds is a number from 1 to 86400")
                }
                seconds = number
            case "--http-port":
                guard let number = UInt16(try take("a port")), number > 0 else {
                    throw Fault(description: "--http-port is a number from 1 to 65535")
                }
                httpPort = number
            default:
                throw Fault(description: "\(word) is nothing the doctor knows")
            }
            if value != nil, ["--help", "--json", "--answer"].contains(name) {
                throw Fault(description: "\(name) takes no value")
            }
        }
        if task == .help { return }
        if host != nil && answers {
            throw Fault(description: "--probe and --answer are for two machines; give one of them")
        }
        if seconds != nil && !answers { throw Fault(description: "--seconds goes with --answer") }
        if httpPort != nil && host == nil {
            throw Fault(description: "--http-port goes with --probe")
        }
        if answers { task = .answer(seconds: seconds ?? 60) }
        if let host {
            guard let (name, port) = HostAndPort.split(host, usual: 0) else {
                throw Fault(description: "--probe wants HOST or HOST:PORT, got \(host)")
            }
            task = .probe(host: name, mediaPort: port == 0 ? nil : port, httpPort: httpPort)
        }
    }

    package static let help = """
        Looks for what gets in the way of calls, and says what to do about it.

        roost doctor                       this machine, its settings, and the services it needs
        roost doctor --probe HOST[:PORT]   from a second machine: can HOST's ports be reached?
            --http-port N                  HOST's port for HTTP, if it is not the one set here
        roost doctor --answer              on HOST, while roost is stopped: answer probes
            --seconds N                    for how long (60)

            --json                         print JSON instead of a table

        Exit code: 0 if nothing failed, 1 if something did, 2 if the command was not understood.

        """
}
