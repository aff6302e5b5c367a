/// Which packets of RTCP were seen, by who sent them (RFC 3711 sections 3.2.3 and 3.3.2).
///
/// A window for each source, not one for the peer: the number of RTCP belongs to the source's context,
/// and clients do count each of their sources from the start. A source is entered only once a packet of
/// its has proved to be the peer's, so a stranger fills nothing. A source is never forgotten, or its old
/// packets could be played again; the limit is far above what a client has in a day of switching its
/// camera on and off, and beyond it new ones are refused.
struct ControlSources: Sendable {
    static let limit = 1_024

    private struct Source {
        var ssrc: SSRC
        var newest: UInt32
        /// Bit `n` stands for the packet `n` before the newest.
        var seen: UInt64

        func admits(_ index: UInt32) -> Bool {
            guard index <= newest else { return true }
            let age = newest - index
            return age < 64 && seen & 1 << UInt64(age) == 0
        }
    }

    private var sources: [Source] = []
    /// Where the last one asked for stands; it is asked for twice, and often comes again.
    private var last = 0

    /// Whether a packet may be looked at.
    mutating func admits(_ index: UInt32, from ssrc: SSRC) -> Bool {
        guard let place = place(of: ssrc) else { return sources.count < Self.limit }
        return sources[place].admits(index)
    }

    /// Remembers a packet that was admitted, and proved to be the peer's.
    mutating func mark(_ index: UInt32, from ssrc: SSRC) {
        guard let place = place(of: ssrc) else {
            guard sources.count < Self.limit else { return }
            sources.append(Source(ssrc: ssrc, newest: index, seen: 1))
            return
        }
        let newest = sources[place].newest
        if index > newest {
            let step = index - newest
            sources[place].seen = step < 64 ? sources[place].seen << UInt64(step) | 1 : 1
            sources[place].newest = index
        } else if newest - index < 64 {
            sources[place].seen |= 1 << UInt64(newest - index)
        }
    }

    private mutating func place(of ssrc: SSRC) -> Int? {
        if last < sources.count, sources[last].ssrc == ssrc { return last }
        for index in sources.indices where sources[index].ssrc == ssrc {
            last = index
            return index
        }
        return nil
    }
}
