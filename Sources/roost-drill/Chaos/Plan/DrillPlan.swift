package import Basics
internal import Wire

/// A drill as its file says it: whom there is, what is done to the nodes, and what must hold.
package struct DrillPlan: Hashable, Sendable {
    /// Something that is done again and again.
    package struct Nemesis: Hashable, Sendable {
        package enum Victim: String, CaseIterable, Sendable {
            /// A node that hosts a call.
            case host
            case any
            /// All, one after the other.
            case each
        }

        package var blow: Blow
        package var victim: Victim
        /// How long until it is undone.
        package var time: Duration
        /// How often it is drawn, beside the others'.
        package var weight: Int
        /// Which way of a link, seen from the node.
        package var way = Way.both
        /// How slow links are while it lasts.
        package var path = PathCondition.clear
        /// By how much a clock is set forward.
        package var shift = Duration.zero
        /// For how long somebody may be not heard by another because of it, at the median and for all but five of a
        /// hundred.
        package var silenceP50: Duration?
        package var silenceP95: Duration?
    }

    package enum Way: String, CaseIterable, Sendable {
        case both
        /// What the node sends is held up.
        case out
        /// What is sent to it.
        case into = "in"
        /// One of the three, drawn each time.
        case any
    }

    package enum Timers: String, CaseIterable, Sendable {
        case lan
        case wan
    }

    package var name: String
    package var summary: String
    package var length: Duration
    package var timers: Timers
    /// Whether nodes have a guard that tells the others of their death.
    package var hasGuard: Bool
    /// Whether nodes give calls to others that have fewer people.
    package var rebalances: Bool
    package var calls: Int
    package var perCall: Int
    /// Of each call, how many are heard all the time.
    package var speaking: Int
    package var pace: Duration
    package var patience: Duration
    /// From the beginning to the first blow, and from when everything runs again to the next.
    package var pause: Duration
    /// How many of them may last at a time.
    package var atOnce: Int
    /// Whether Redis is a primary and a replica that sentinels watch.
    package var hasSentinels: Bool
    /// The configuration of HAProxy by which people come, seen from the drill's file; nil if they come to the nodes
    /// themselves.
    package var balancer: String?
    package var nemeses: [Nemesis]
    package var bounds: Bounds

    /// What must hold, besides what always must.
    package struct Bounds: Hashable, Sendable {
        /// Of those whose websocket was not on the node that was struck, from the blow to `call_rehost`.
        package var rehostP95: Duration?
        /// From the blow until somebody whose websocket was there has the call's state at another.
        package var backP95: Duration?
        /// From asking to hearing.
        package var deedP95: Duration?
        /// How long somebody may wait for word of the new host.
        package var told = Duration.seconds(10)
        /// Within what time a join or reconnect is answered.
        package var answered = Duration.seconds(5)
        /// What was acknowledged so shortly before a blow may be forgotten.
        package var mayForget = Duration.milliseconds(100)
        /// How long a host that is cut off may go on acknowledging to those who reach it what nobody else will know.
        package var mayGoOn = Duration.zero
        /// How long who has a primary that was cut off may go on beside who has the new one.
        package var mayOverlap = Duration.milliseconds(600)

        package init() {}
    }
}

extension DrillPlan {
    /// Reads a drill's file, or says all that is wrong with it.
    package init(parsing bytes: Span<UInt8>, as name: String) throws(DrillPlanFault) {
        let document = TOMLDocument(parsing: bytes)
        var faults = document.faults.map { "\($0)" }
        var root = DrillTable(document.root, in: "", allowing: Self.keys)
        var people = root.table(
            "people",
            allowing: ["calls", "per_call", "speaking", "pace", "patience"]
        )
        var bounds = root.table(
            "hold",
            allowing: [
                "rehost_p95", "back_p95", "deed_p95", "told", "may_forget", "may_go_on",
                "may_overlap", "answered",
            ]
        )
        self.name = name
        summary = root.text("summary") ?? ""
        length = root.time("length") ?? .seconds(30)
        timers = root.choice("timers") ?? .lan
        hasGuard = root.flag("guard") ?? true
        rebalances = root.flag("rebalance") ?? false
        pause = root.time("pause") ?? .seconds(4)
        atOnce = root.whole("at_once", 1...4) ?? 1
        hasSentinels = root.flag("sentinels") ?? false
        balancer = root.text("balancer")
        calls = people.whole("calls", 1...1_000) ?? 6
        perCall = people.whole("per_call", 1...100) ?? 4
        speaking = people.whole("speaking", 0...perCall) ?? min(2, perCall)
        pace = people.time("pace") ?? .seconds(1)
        patience = people.time("patience") ?? .seconds(3)
        self.bounds = Bounds()
        self.bounds.rehostP95 = bounds.time("rehost_p95")
        self.bounds.backP95 = bounds.time("back_p95")
        self.bounds.deedP95 = bounds.time("deed_p95")
        if let told = bounds.time("told") { self.bounds.told = told }
        if let time = bounds.time("answered") { self.bounds.answered = time }
        if let moment = bounds.time("may_forget") { self.bounds.mayForget = moment }
        if let time = bounds.time("may_go_on") { self.bounds.mayGoOn = time }
        if let overlap = bounds.time("may_overlap") { self.bounds.mayOverlap = overlap }
        nemeses = []
        for var table in root.tables("nemesis", allowing: Self.nemesisKeys) {
            let blow: Blow? = table.choice("blow")
            var path = PathCondition.clear
            path.delay = table.time("delay") ?? .zero
            path.jitter = table.time("jitter") ?? .zero
            path.rate = table.whole("kbit", 1...1_000_000).map { $0 * 1_000 }
            path.lossThousandths = table.whole("loss_thousandths", 0...1_000) ?? 0
            let nemesis = Nemesis(
                blow: blow ?? .kill,
                victim: table.choice("victim") ?? .host,
                time: table.time("for") ?? .seconds(2),
                weight: table.whole("weight", 1...1_000) ?? 1,
                way: table.choice("way") ?? .both,
                path: path,
                shift: table.shift("shift") ?? .zero,
                silenceP50: table.time("silence_p50"),
                silenceP95: table.time("silence_p95")
            )
            if blow == nil { table.complain("blow", "is missing; say what is done") }
            Self.judge(nemesis, hasSentinels, &table)
            if nemesis.blow == .crowd, !rebalances {
                table.complain("blow", "wants rebalance = true at the top of the drill")
            }
            nemeses.append(nemesis)
            faults += table.faults
        }
        if nemeses.isEmpty { faults.append("there is no [[nemesis]]; a drill needs one") }
        faults += root.faults + people.faults + bounds.faults
        if !faults.isEmpty { throw DrillPlanFault(name: name, faults: faults) }
    }

    private static let keys = [
        "summary", "length", "timers", "guard", "rebalance", "pause", "at_once", "sentinels",
        "balancer", "people", "hold", "nemesis",
    ]
    private static let nemesisKeys = [
        "blow", "victim", "for", "weight", "way", "delay", "jitter", "kbit", "loss_thousandths",
        "shift", "silence_p50", "silence_p95",
    ]

    /// Says what of a nemesis makes no sense.
    private static func judge(_ nemesis: Nemesis, _ hasSentinels: Bool, _ table: inout DrillTable) {
        let needsPath: Set<Blow> = [.slowNodes, .slowRedis, .slowPeople]
        if needsPath.contains(nemesis.blow), nemesis.path == .clear {
            table.complain("blow", "wants delay, jitter, kbit or loss_thousandths")
        }
        if nemesis.blow == .clock || nemesis.blow == .redisClock, nemesis.shift == .zero {
            table.complain("blow", "wants a shift, such as \"1h\"")
        }
        if nemesis.blow.needsSentinels, !hasSentinels {
            table.complain("blow", "wants sentinels = true at the top of the drill")
        }
        if nemesis.blow == .redisRestart || nemesis.blow == .redisEmpty, hasSentinels {
            table.complain("blow", "is for one Redis alone; with sentinels there is redis-failover")
        }
    }

    package var shiftsClocks: Bool {
        nemeses.contains { $0.blow == .clock || $0.blow == .redisClock }
    }

    /// Whether machines must be apart, each with a network of its own.
    package var needsNetworks: Bool {
        hasSentinels || nemeses.contains { $0.blow.isOfNetwork }
    }

    /// What is done next.
    package func draw(using random: inout SeededRandom) -> Nemesis {
        let sum = nemeses.reduce(0) { $0 + $1.weight }
        var left = Int.random(in: 0..<max(sum, 1), using: &random)
        for nemesis in nemeses {
            if left < nemesis.weight { return nemesis }
            left -= nemesis.weight
        }
        return nemeses[0]
    }
}

/// Why a file is no drill.
package struct DrillPlanFault: Error, Hashable, Sendable, CustomStringConvertible {
    package var name: String
    package var faults: [String]

    package var description: String {
        "the drill \(name) can't be read:\n  " + faults.joined(separator: "\n  ")
    }
}
