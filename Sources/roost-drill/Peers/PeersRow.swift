/// One kind of work that Roost and Janus are given in turns.
struct PeersRow {
    var name: String
    var title: String
    var plan: LoadPlan
    /// What Roost is to reach, in microseconds of processor time for each packet that comes to people; nil where
    /// what counts is what it takes until all are in.
    var reach: Double?
    /// How many times Janus' price that is to be below.
    var times = 5.0
    /// What is published of Mattermost's rtcd at that kind of work, on machines of 4 to 16 processors; of several
    /// runs the cheapest.
    var published: Published?

    /// Per packet that went out in microseconds, per Gbit/s that went out in processors, per person in KiB.
    struct Published {
        var packet: Double
        var perGbit: Double
        var resident: Double
    }

    static let all = [
        forward(50, reach: nil), forward(100, reach: 1.5), forward(200, reach: 1.5),
        forward(400, reach: nil), forwardCM(100),
        sound("speaker-400", "one speaks to 400", calls: 1, perCall: 401, unmuted: 1),
        sound("calls-20x10", "20 calls of 10, 2 unmuted", calls: 20, perCall: 10, unmuted: 2),
        pairs, everybody, storm,
    ]

    /// The kinds of work of the table that is published of rtcd, with its speech of 80 kbit/s and its screen of
    /// 1.6 Mbit/s, for as many people as a small machine holds together with those who play them.
    static let ofRTCD = [
        rtcd("1000-2n", "1 x 1000, 2 unmuted", 1, 250, 2, Published(16.0, 8.25, 1.47)),
        rtcd("1000-1y", "1 x 1000, 1 unmuted, screen", 1, 200, 1, Published(14.7, 1.88, 1.22)),
        rtcd("1000-2y", "4 x 1000, 2 unmuted, screen", 2, 100, 2, Published(12.3, 1.82, 1.13)),
        rtcd("100-1y", "10 x 100, 1 unmuted, screen", 2, 100, 1, Published(13.8, 1.76, 1.60)),
        rtcd("10-2n", "100 x 10, 2 unmuted", 25, 10, 2, Published(20.6, 10.57, 1.09)),
        rtcd("10-1y", "100 x 10, 1 unmuted, screen", 15, 10, 1, Published(17.2, 2.20, 1.54)),
        rtcd("10-2y", "150 x 10, 2 unmuted, screen", 15, 10, 2, Published(17.6, 2.62, 1.43)),
        rtcd("2-2n", "1000 x 2, 2 unmuted", 100, 2, 2, Published(62.4, 32.00, 1.18)),
        rtcd("2-2y", "500 x 2, 2 unmuted, screen", 50, 2, 2, Published(83.8, 12.36, 2.60)),
    ]

    private static func rtcd(
        _ name: String,
        _ title: String,
        _ calls: Int,
        _ perCall: Int,
        _ unmuted: Int,
        _ published: Published
    ) -> PeersRow {
        var row = sound(
            "rtcd-\(name)",
            "\(title), as \(calls) x \(perCall)",
            calls: calls,
            perCall: perCall,
            unmuted: unmuted,
            reach: nil
        )
        row.plan.screens = name.hasSuffix("y") ? calls : 0
        row.plan.voiceBytes = 200
        row.published = published
        return row
    }

    private static func forward(_ viewers: Int, reach: Double?) -> PeersRow {
        var plan = LoadPlan()
        (plan.calls, plan.perCall, plan.unmuted, plan.screens) = (1, viewers + 1, 0, 1)
        return PeersRow(
            name: "screen-\(viewers)",
            title: "one screen of 1.6 Mbit/s to \(viewers)",
            plan: plan,
            reach: reach
        )
    }

    private static func forwardCM(_ viewers: Int) -> PeersRow {
        var row = forward(viewers, reach: 2)
        row.plan.profile = .cm
        row.name += "-cm"
        row.title += ", AES_CM_128_HMAC_SHA1_80"
        return row
    }

    private static func sound(
        _ name: String,
        _ title: String,
        calls: Int,
        perCall: Int,
        unmuted: Int,
        reach: Double? = 3
    ) -> PeersRow {
        var plan = LoadPlan()
        (plan.calls, plan.perCall, plan.unmuted) = (calls, perCall, unmuted)
        return PeersRow(name: name, title: title, plan: plan, reach: reach)
    }

    private static var pairs: PeersRow {
        // A packet comes in for each that goes out: 6 us for both.
        sound(
            "calls-200x2",
            "200 calls of 2, both unmuted",
            calls: 200,
            perCall: 2,
            unmuted: 2,
            reach: 6
        )
    }

    /// All are passed on: by itself a node of ours passes on the three loudest.
    private static var everybody: PeersRow {
        var row = sound("all-50", "50 in one call, all unmuted", calls: 1, perCall: 50, unmuted: 50)
        row.plan.settings = ["media.loudest=0"]
        row.plan.settle = .seconds(5)
        return row
    }

    /// As many as come, as fast as they come.
    private static var storm: PeersRow {
        var row = sound(
            "joins-300",
            "300 join one who speaks, at once",
            calls: 1,
            perCall: 300,
            unmuted: 1
        )
        row.plan.ramp = .milliseconds(100)
        row.reach = nil
        return row
    }
}

extension PeersRow.Published {
    fileprivate init(_ packet: Double, _ perGbit: Double, _ mebibytes: Double) {
        self.packet = packet
        self.perGbit = perGbit
        resident = mebibytes * 1_024
    }
}
