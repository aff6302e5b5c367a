/// Which track and encoding a peer's packets belong to, by the number they bear.
///
/// A peer sends a handful of streams, so a walk over their numbers, which lie side by side, is faster
/// than any table; the one found last is tried first, since packets come in runs.
@safe package struct StreamTable: ~Copyable {
    package struct Place: Sendable {
        /// The track's slot on the board.
        package var uplink: UInt32
        package var layer: UInt8
        package var isRetransmission: Bool

        package init(uplink: UInt32, layer: UInt8, isRetransmission: Bool) {
            self.uplink = uplink
            self.layer = layer
            self.isRetransmission = isRetransmission
        }
    }

    private var numbers: UnsafeMutablePointer<UInt32>
    private var places: UnsafeMutablePointer<Place>
    package private(set) var count = 0
    private var capacity = 0
    private var last = 0

    package init() {
        unsafe numbers = .allocate(capacity: 0)
        unsafe places = .allocate(capacity: 0)
    }

    deinit {
        unsafe numbers.deallocate()
        unsafe places.deallocate()
    }

    /// So many streams a peer may send.
    package static let limit = 96

    @inline(__always)
    package mutating func find(_ ssrc: SSRC) -> Place? {
        if last < count, unsafe numbers[last] == ssrc.rawValue { return unsafe places[last] }
        for place in 0..<count where unsafe numbers[place] == ssrc.rawValue {
            last = place
            return unsafe places[place]
        }
        return nil
    }

    /// Any of the numbers.
    package var first: SSRC? { count > 0 ? unsafe SSRC(numbers[0]) : nil }

    /// Binds a number, or binds it anew. False if the peer has too many streams.
    package mutating func bind(_ ssrc: SSRC, _ place: Place) -> Bool {
        for index in 0..<count where unsafe numbers[index] == ssrc.rawValue {
            unsafe places[index] = place
            return true
        }
        guard count < Self.limit else { return false }
        if count == capacity { grow() }
        unsafe numbers[count] = ssrc.rawValue
        unsafe places[count] = place
        count += 1
        return true
    }

    /// Forgets the streams of a track, or of one of its encodings.
    package mutating func unbind(uplink: UInt32, layer: UInt8? = nil, retransmission: Bool? = nil) {
        var index = 0
        while index < count {
            let place = unsafe places[index]
            let isMeant =
                place.uplink == uplink && (layer == nil || place.layer == layer)
                && (retransmission == nil || place.isRetransmission == retransmission)
            guard isMeant else {
                index += 1
                continue
            }
            count -= 1
            unsafe numbers[index] = numbers[count]
            unsafe places[index] = places[count]
        }
    }

    private mutating func grow() {
        let bigger = max(4, 2 * capacity)
        let newNumbers = UnsafeMutablePointer<UInt32>.allocate(capacity: bigger)
        let newPlaces = UnsafeMutablePointer<Place>.allocate(capacity: bigger)
        unsafe newNumbers.initialize(from: numbers, count: count)
        unsafe newPlaces.initialize(from: places, count: count)
        unsafe numbers.deallocate()
        unsafe places.deallocate()
        unsafe numbers = newNumbers
        unsafe places = newPlaces
        capacity = bigger
    }
}
