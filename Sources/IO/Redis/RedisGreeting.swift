internal import Basics

/// What is said first on a connection, and whether the answers let it be used.
struct RedisGreeting {
    enum Purpose {
        /// Commands and data. `mustBeMaster` where sentinels have named it.
        case data(mustBeMaster: Bool)
        case sentinel
    }

    /// Why a server is not the one that is wanted.
    struct Fault: Error {
        var why: String
    }

    struct Findings {
        var runID: String?
        var isMaster = true
    }

    private enum Word {
        case login
        case name
        case database
        case server
        case role
    }

    private let purpose: Purpose
    private var words: [Word] = []
    private(set) var commands: [RedisCommand] = []

    init(_ place: RedisPlace, name: String, purpose: Purpose) {
        self.purpose = purpose
        var (username, password) = (place.username, place.password)
        if case .sentinel = purpose {
            (username, password) = (place.sentinelUsername, place.sentinelPassword)
        }
        if !password.isEmpty {
            var login = RedisCommand("AUTH", username.isEmpty ? [] : [username])
            login.append(password.revealed)
            add(.login, login)
        }
        add(.name, RedisCommand("CLIENT SETNAME", name))
        guard case .data = purpose else { return }
        if place.database != 0 { add(.database, RedisCommand("SELECT", "\(place.database)")) }
        add(.server, RedisCommand("INFO", "server"))
        add(.role, RedisCommand("ROLE"))
    }

    private mutating func add(_ word: Word, _ command: RedisCommand) {
        words.append(word)
        commands.append(command)
    }

    /// Reads the answers, one for each command, in their order.
    func judge(_ answers: [Result<RedisValue, RedisFault>]) throws(Fault) -> Findings {
        var findings = Findings()
        for (word, answer) in zip(words, answers) {
            switch answer {
            case .success(let value): try read(value, to: word, into: &findings)
            case .failure(let fault): try forgive(fault, of: word)
            }
        }
        return findings
    }

    private func read(
        _ value: RedisValue,
        to word: Word,
        into findings: inout Findings
    ) throws(Fault) {
        switch word {
        case .login, .name, .database:
            break
        case .server:
            let lines = (value.text ?? "").split(whereSeparator: \.isNewline)
            func field(_ name: String) -> String? {
                lines.first { $0.hasPrefix(name + ":") }.map {
                    String($0.dropFirst(name.count + 1))
                }
            }
            findings.runID = field("run_id")
            switch field("redis_mode") {
            case "cluster":
                throw Fault(
                    why: "this is a Redis Cluster, which spreads keys over servers; name a Redis "
                        + "without cluster-enabled, or its sentinels"
                )
            case "sentinel":
                throw Fault(
                    why: "this is a sentinel; write redis+sentinel://host1,host2,host3/NAME, with "
                        + "the name of the master"
                )
            default:
                break
            }
        case .role:
            findings.isMaster = value.elements?.first?.text == "master"
            guard case .data(mustBeMaster: true) = purpose, !findings.isMaster else { return }
            throw Fault(why: "it is no master, though sentinels name it; they are asked again")
        }
    }

    /// A user may be forbidden to ask for what is only good to know.
    private func forgive(_ fault: RedisFault, of word: Word) throws(Fault) {
        guard case .refused(let code, _) = fault else { throw Fault(why: "\(fault)") }
        switch (word, code) {
        case (.name, "NOPERM"), (.server, "NOPERM"):
            return
        case (.role, "NOPERM"):
            guard case .data(mustBeMaster: true) = purpose else { return }
            throw Fault(why: "the ACL user must be allowed to ask ROLE (+role)")
        default:
            throw Fault(why: "does not let us in: \(fault)")
        }
    }
}
