internal import Basics
internal import Coordination
internal import IO
internal import Settings
internal import Synchronization

// What a node does now and then without being asked.
extension Node {
    /// Tells the cluster now and then what this node carries.
    func carryLater() {
        let loop = loops[0]
        loop.execute { [weak self] in
            loop.schedule(at: loop.now + .milliseconds(250)) { [weak self] in
                guard let self else { return }
                let limits = settings.withLock { $0.cluster }
                cluster.carry(
                    MemberLoad(
                        calls: UInt32(clamping: calls.callCount),
                        sessions: UInt32(clamping: calls.participantCount),
                        callLimit: UInt32(clamping: limits.maxCalls),
                        sessionLimit: UInt32(clamping: limits.maxSessions),
                        isMarked: !limits.takesCalls
                    )
                )
                carryLater()
            }
        }
    }

    /// Forgets what has expired, once an hour.
    func tidyLater() {
        let loop = loops[0]
        loop.execute { [weak self] in
            loop.schedule(at: loop.now + .seconds(3_600)) { [weak self] in
                guard let self else { return }
                loop.begin { [weak self] in await self?.tidy() }
                tidyLater()
            }
        }
    }

    private func tidy() async {
        await desk.tidy()
        let now = Loop.readWallClock().seconds
        let days = settings.withLock { $0.store.historyDays }
        await cluster.alone(.historySweep) { [self] in
            if days > 0 {
                let limit = WallTime(seconds: now - Int64(days) * 86_400)
                await history.forget(endedBefore: limit)
            }
            await sweepHistory(startedBefore: WallTime(seconds: now - 60))
        }
        await totals.refresh()
    }

    /// In a cluster calls may have been left by nodes that are gone, and nobody has them now.
    func sweepHistory(startedBefore limit: WallTime) async {
        guard cluster.parts != nil else { return }
        await history.endWhatWasLeft(startedBefore: limit) { [calls] channel in
            await calls.find(channel) != nil
        }
    }

    /// Notes once a minute that calls are running, if any are.
    func beatLater() {
        let loop = loops[0]
        loop.execute { [weak self] in
            loop.schedule(at: loop.now + .seconds(60)) { [weak self] in
                guard let self else { return }
                if calls.callCount > 0 { loop.begin { [history] in await history.beat() } }
                beatLater()
            }
        }
    }
}
