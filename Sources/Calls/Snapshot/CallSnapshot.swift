package import Basics

/// All of a call that another node needs to go on with it: everything but media, and what was on its way to
/// somebody at that moment.
package struct CallSnapshot: Hashable, Sendable {
    package struct Session: Hashable, Sendable {
        package var id: ParticipantID
        package var person: PersonID
        package var isBot: Bool
        package var decodesAV1: Bool
        package var signalsOverChannel: Bool
        package var followsHost: Bool
        package var joined: WallTime
        /// The connections it was reached by, latest last.
        package var links: [ConnectionID]
        package var isMuted: Bool
        package var handRaised: Int64
        package var video: Shown?
    }

    /// A camera or a screen, and how long it had been on.
    package struct Shown: Hashable, Sendable {
        package var stream: String
        package var lasted: Duration
    }

    package struct Screen: Hashable, Sendable {
        package var sharer: ParticipantID
        package var shown: Shown
    }

    /// Which of a call's pictures it is. Of two the later holds: that of a later host, or a later one of the same.
    package struct Edition: Hashable, Sendable, Comparable {
        /// The host's fence.
        package var generation: UInt64
        package var count: UInt64
        package var number: UInt64

        package init(generation: UInt64, count: UInt64, number: UInt64) {
            (self.generation, self.count, self.number) = (generation, count, number)
        }

        package static func < (one: Edition, two: Edition) -> Bool {
            (one.generation, one.count, one.number) < (two.generation, two.count, two.number)
        }
    }

    package var beginning: CallBeginning
    package var host: PersonID?
    package var lockedHost: PersonID?
    package var sessions: [Session]
    package var screen: Screen?
    package var latestHand: Int64
    /// Of what is over; what is still shown is counted when it ends.
    package var screenLasted: Duration
    package var videoLasted: Duration
    package var hasUsedScreen: Bool
    package var hasUsedVideo: Bool
    package var attendance: [PersonID]
    package var dismissed: [PersonID]
    package var removed: [PersonID]
    /// Nil if its node gave it none.
    package var edition: Edition?

    /// The later of what was kept in two places; the first if nobody can say.
    package static func latest(_ one: CallSnapshot, _ other: CallSnapshot) -> CallSnapshot {
        guard let own = one.edition, let theirs = other.edition else { return one }
        return own < theirs ? other : one
    }
}

extension Call {
    /// The call as it stands. Nil if it has not begun, or is over.
    package func snapshot(at now: Moment) -> CallSnapshot? {
        guard let beginning else { return nil }
        return CallSnapshot(
            beginning: beginning,
            host: host,
            lockedHost: lockedHost,
            sessions: roster.sessions.map { CallSnapshot.Session($0, at: now.instant) },
            screen: screen.map { screen in
                CallSnapshot.Screen(
                    sharer: screen.sharer,
                    shown: .init(stream: screen.stream, lasted: now.instant - screen.since)
                )
            },
            latestHand: latestHand,
            screenLasted: statistics.screen,
            videoLasted: statistics.video,
            hasUsedScreen: statistics.hasUsedScreen,
            hasUsedVideo: statistics.hasUsedVideo,
            attendance: attendance,
            dismissed: dismissed.sorted(),
            removed: removed.sorted()
        )
    }

    /// The call as another node had it. Its participants are away until they come back, which their nodes
    /// do for them, and have as long for it as after any cut. `move`: no other move of the call has that name.
    package init(
        restoring kept: CallSnapshot,
        rules: CallRules,
        move: String,
        at now: Moment
    ) {
        let beginning = kept.beginning
        self.init(id: beginning.call, channel: beginning.channel, rules: rules, move: move)
        life = .running(kept.beginning)
        let limit = now.instant + rules.reconnectGrace
        roster.restore(kept.sessions, until: limit, at: now)
        for place in roster.sessions.indices {
            roster[place].isTimed = true
            timers.insert(TimerHeap.Entry(instant: limit, token: roster[place].number))
        }
        host =
            kept.host.flatMap { roster.contains($0) ? $0 : nil }
            ?? roster.sessions.first { !$0.isBot }?.person
        lockedHost = kept.lockedHost
        screen = kept.screen.flatMap { kept -> Screen? in
            guard roster[kept.sharer] != nil else { return nil }
            return Screen(
                sharer: kept.sharer,
                stream: kept.shown.stream,
                since: now.instant + (.zero - kept.shown.lasted)
            )
        }
        latestHand = kept.latestHand
        statistics = CallStatistics(
            screen: kept.screenLasted,
            video: kept.videoLasted,
            hasUsedScreen: kept.hasUsedScreen,
            hasUsedVideo: kept.hasUsedVideo
        )
        attendance = kept.attendance
        attended = Set(kept.attendance)
        dismissed = Set(kept.dismissed)
        removed = Set(kept.removed)
    }
}

extension CallSnapshot.Session {
    fileprivate init(_ session: CallSession, at now: Instant) {
        self.init(
            id: session.id,
            person: session.person,
            isBot: session.isBot,
            decodesAV1: session.decodesAV1,
            signalsOverChannel: session.signalsOverChannel,
            followsHost: session.followsHost,
            joined: session.joined.wall,
            links: session.links.map(\.connection),
            isMuted: session.isMuted,
            handRaised: session.handRaised,
            video: session.videoSince.map { since in
                CallSnapshot.Shown(stream: session.videoStream, lasted: now - since)
            }
        )
    }
}
