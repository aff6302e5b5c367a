internal import Basics

// Which encoding each viewer gets, decided a few times a second from what its path carries and what
// it shows.
extension Switchboard {
    /// Decides anew for one viewer if anything has changed, and now and then all the same.
    mutating func reviewLayers(
        _ slot: UInt32,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        let peer = unsafe peers[slot]
        if unsafe isSettled(peer, at: now) {
            unsafe peer.pointee.nextChoice = now + Self.choiceInterval
        } else {
            chooseLayers(slot, at: now, into: &out)
        }
    }

    /// Whether the last decision gave the viewer all there is, and would again. Most viewers at most times,
    /// and a decision costs some microseconds.
    private func isSettled(_ peer: UnsafeMutablePointer<Peer>, at now: Instant) -> Bool {
        guard let need = unsafe peer.pointee.settledNeed, unsafe now < peer.pointee.settledUntil,
            unsafe estimate(peer, at: now).rawValue >= need
        else { return false }
        for slot in unsafe peer.pointee.downlinks {
            let downlink = unsafe downlinks[slot]
            guard unsafe downlink.pointee.shape.kind == .video else { continue }
            let uplink = unsafe uplinks[downlink.pointee.uplink]
            guard unsafe activeLayers(uplink, at: now) == downlink.pointee.settledLayers,
                unsafe downlink.pointee.current == downlink.pointee.aim
            else { return false }
        }
        return true
    }

    /// The encodings that come, a bit each, by their place on the ladder.
    private func activeLayers(_ uplink: UnsafeMutablePointer<Uplink>, at now: Instant) -> UInt8 {
        var active: UInt8 = 0
        for place in unsafe 0..<uplink.pointee.layerCount {
            let layer = unsafe uplink.pointee.layer(uplink.pointee.ladder[place])
            if unsafe isActive(layer, at: now) { active |= 1 << UInt8(place) }
        }
        return active
    }

    private func isActive(_ layer: UnsafeMutablePointer<UplinkLayer>, at now: Instant) -> Bool {
        unsafe layer.pointee.ssrc != nil && now - layer.pointee.lastArrival < .seconds(2)
    }

    /// Decides anew for one viewer.
    mutating func chooseLayers(
        _ slot: UInt32,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        let peer = unsafe peers[slot]
        unsafe peer.pointee.nextChoice = now + Self.choiceInterval
        unsafe peer.pointee.settledNeed = nil
        let (demands, views, reserved) = unsafe demands(of: peer, at: now)
        guard !demands.isEmpty else { return }
        let decisions = unsafe peer.pointee.choice.decide(
            demands,
            estimate: estimate(peer, at: now),
            reserved: reserved,
            at: now
        )
        unsafe peer.pointee.estimator?.seek(peer.pointee.choice.sought, at: now)
        for (decision, view) in zip(decisions, views) {
            apply(decision, to: view, at: now, into: &out)
        }
        let need = zip(demands, decisions).reduce(Int64?.some(0)) { sum, pair in
            guard let sum, let rate = pair.0.rateOfAll(ifShownBy: pair.1) else { return nil }
            return sum + rate.rawValue
        }
        guard let need, unsafe peer.pointee.choice.sought == nil,
            unsafe peer.pointee.choice.deadline == nil
        else { return }
        for view in views {
            let downlink = unsafe downlinks[view]
            let uplink = unsafe uplinks[downlink.pointee.uplink]
            unsafe downlink.pointee.settledLayers = activeLayers(uplink, at: now)
        }
        // With room for what encodings vary by.
        unsafe peer.pointee.settledNeed = need + need / 4 + reserved.rawValue
        unsafe peer.pointee.settledUntil = now + .seconds(1)
    }

    static var choiceInterval: Duration { .milliseconds(200) }

    private func demands(
        of peer: UnsafeMutablePointer<Peer>,
        at now: Instant
    ) -> (demands: [LayerDemand], views: [UInt32], reserved: Bitrate) {
        var demands: [LayerDemand] = []
        var views: [UInt32] = []
        var reserved: Int64 = 0
        for slot in unsafe peer.pointee.downlinks {
            let downlink = unsafe downlinks[slot]
            let uplink = unsafe uplinks[downlink.pointee.uplink]
            guard unsafe downlink.pointee.shape.kind == .video else {
                // A voice that is passed on takes what Opus takes, with headers.
                if unsafe now - downlink.pointee.lastSent < .seconds(1) { reserved += 50_000 }
                continue
            }
            var layers: [LayerDemand.Layer] = []
            for place in unsafe 0..<uplink.pointee.layerCount {
                unsafe layers.append(demand(uplink, place, at: now))
            }
            let limit: LayerDemand.Limit =
                switch unsafe downlink.pointee.showing {
                case .nothing: .nothing
                case .upTo(let pixels): .pixels(pixels)
                case .everything: .everything
                }
            unsafe demands.append(
                LayerDemand(
                    track: Int(truncatingIfNeeded: downlink.pointee.id.rawValue),
                    priority: downlink.pointee.shape.priority,
                    limit: limit,
                    layers: layers
                )
            )
            views.append(slot)
        }
        return (demands, views, Bitrate(bitsPerSecond: reserved))
    }

    private func demand(
        _ uplink: UnsafeMutablePointer<Uplink>,
        _ place: Int,
        at now: Instant
    ) -> LayerDemand.Layer {
        let index = unsafe uplink.pointee.ladder[place]
        let layer = unsafe uplink.pointee.layer(index)
        var rates: [Bitrate] = []
        for temporal in unsafe 0...Int(layer.pointee.highestTemporal) {
            guard
                let rate = unsafe uplink.pointee.rates.rate(
                    spatial: index,
                    temporal: temporal,
                    at: now
                )
            else { break }
            rates.append(rate)
        }
        let isActive = unsafe isActive(layer, at: now)
        var isGuess = false
        if rates.isEmpty {
            unsafe isGuess = layer.pointee.lastRate == nil
            unsafe rates = [layer.pointee.lastRate ?? Self.unknownRate(place)]
        } else {
            unsafe layer.pointee.lastRate = rates[0]
        }
        return unsafe LayerDemand.Layer(
            width: Int(layer.pointee.size?.width ?? 0),
            height: Int(layer.pointee.size?.height ?? 0),
            isActive: isActive,
            rates: rates,
            isGuess: isGuess
        )
    }

    private static var plenty: Bitrate { .kilobits(100_000) }

    /// What the encoding at this place of the ladder is supposed to take before it was measured.
    private static func unknownRate(_ place: Int) -> Bitrate {
        .kilobits([150, 500, 1_500][min(place, 2)])
    }

    /// What the viewer can be sent: by its own reports of arrival, or by what it says of itself.
    private func estimate(_ peer: UnsafeMutablePointer<Peer>, at now: Instant) -> Bitrate {
        if unsafe peer.pointee.reportsArrival, let own = unsafe peer.pointee.estimator?.estimate {
            return own
        }
        // One who says nothing is taken to have room: to send nothing would be to learn nothing.
        guard unsafe peer.pointee.namesLimit else { return Self.plenty }
        return unsafe peer.pointee.remoteEstimate.estimate(at: now)
    }

    private mutating func apply(
        _ decision: LayerDecision,
        to slot: UInt32,
        at now: Instant,
        into out: inout OutgoingBatch
    ) {
        let downlink = unsafe downlinks[slot]
        let uplink = unsafe uplinks[downlink.pointee.uplink]
        switch decision.outcome {
        case .show(let choice):
            let index = unsafe uplink.pointee.ladder[min(choice.spatial, 2)]
            unsafe downlink.pointee.temporalLimit = UInt8(clamping: choice.temporal)
            if unsafe uplink.pointee.layer(index).pointee.highestTemporal <= choice.temporal {
                unsafe downlink.pointee.temporalLimit = .max
            }
            unsafe aim(downlink, at: Int8(index), now, into: &out)
        case .pause(.absent):
            // Nothing comes; whatever comes first will do.
            unsafe aim(downlink, at: downlink.pointee.aim, now, into: &out)
        case .pause:
            guard unsafe downlink.pointee.aim != Downlink.none else { break }
            unsafe downlink.pointee.aim = Downlink.none
            unsafe downlink.pointee.current = Downlink.none
            unsafe downlink.pointee.rewriter.close()
        }
        var wanted: LayerSet = []
        for place in unsafe 0..<uplink.pointee.layerCount
        where decision.wanted.contains(spatial: place) {
            unsafe wanted.insert(LayerSet(spatial: uplink.pointee.ladder[place]))
        }
        unsafe want(wanted, by: slot, uplink, at: now)
    }

    /// From the next key frame of this encoding on, the viewer gets it. One is asked for if need be.
    private mutating func aim(
        _ downlink: UnsafeMutablePointer<Downlink>,
        at index: Int8,
        _ now: Instant,
        into out: inout OutgoingBatch
    ) {
        let isNew = unsafe downlink.pointee.aim != index
        unsafe downlink.pointee.aim = index
        guard unsafe downlink.pointee.current != index, unsafe downlink.pointee.isWelcomed else {
            return
        }
        let wasAsked = unsafe now - downlink.pointee.lastAsked < .milliseconds(500)
        guard isNew || !wasAsked else { return }
        unsafe downlink.pointee.lastAsked = now
        let track = unsafe downlink.pointee.uplink
        requestKeyFrame(track, layer: Int(index), at: now, into: &out)
    }

    /// Notes which encodings a viewer wants, and tells the planner if the publisher could stop one, or
    /// must begin one.
    mutating func want(
        _ layers: LayerSet,
        by slot: UInt32,
        _ uplink: UnsafeMutablePointer<Uplink>,
        at now: Instant
    ) {
        let isChanged = unsafe uplink.pointee.wanted.want(layers, by: Int(slot), at: now)
        if unsafe uplink.pointee.isMirror, let due = unsafe uplink.pointee.wanted.deadline {
            mirrorSchedule.hasten(unsafe downlinks[slot].pointee.uplink, due)
        }
        guard isChanged else { return }
        unsafe events.append(
            .wanted(uplink.pointee.id, layers: uplink.pointee.wanted.layers.rawValue)
        )
    }
}

extension LayerDemand {
    /// What the track takes if the viewer gets all of it that comes; nil if there is more to be had, or
    /// nothing comes.
    fileprivate func rateOfAll(ifShownBy decision: LayerDecision) -> Bitrate? {
        guard limit == .everything, case .show(let choice) = decision.outcome,
            let top = layers.lastIndex(where: \.isActive), choice.spatial == top,
            choice.temporal >= layers[top].rates.count - 1
        else { return nil }
        return layers[top].rates.last
    }
}
