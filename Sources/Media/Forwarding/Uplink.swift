internal import Basics

/// A track that a peer sends, in one to three encodings, and those it is passed on to.
///
/// Or a *mirror* of one whose peer is another board's: the same in all that concerns viewers, but its
/// packets are handed over by that board (``MirroredPacket``), which does all that concerns the peer.
///
/// Packets are decrypted once and kept in plain text in the ring of their encoding, which is at once
/// what viewers' packets are made from, what is sent again to those who lost it, and what a newcomer
/// is shown.
@safe package struct Uplink: ~Copyable {
    let id: UplinkID
    /// The slot of the peer that sends it; ``nobody`` if it is a mirror of a track of another board.
    let peer: UInt32
    let call: UInt64
    var shape: UplinkShape
    var isMuted = false
    /// The shards that are handed each packet, a bit each.
    var mirrors: UInt64 = 0

    /// The encodings, in the order in which the description names them.
    private let layers: UnsafeMutablePointer<UplinkLayer>
    private(set) var layerCount = 0

    /// Slots of the downlinks that carry this track.
    private(set) var viewers: UnsafeMutablePointer<UInt32>
    private(set) var viewerCount = 0
    private var viewerCapacity = 0

    /// Whether the track stands in the board's list of those with something to pass on.
    var isPending = false
    /// Of sound: what all listeners' packets are made from, each adding a number of its own. So that a
    /// voice that is not passed on costs nothing a listener.
    var sound: StreamRewriter
    /// Of sound: packets before this have been passed on, or never shall be.
    var unheard: UInt64 = 0
    var isAudible = true
    var voice = VoiceActivity()
    /// This track's place among the voices of its call, or nil if it is not one.
    var speaker: Speaker?
    /// Of pictures: how fast each encoding and its temporal layers come.
    var rates = LayerRates()
    let historyPackets: Int
    /// The encodings from the coarsest to the finest, by the size of their pictures.
    private(set) var ladder = InlineArray<3, Int>(repeating: 0)
    /// Which encodings any viewer wants.
    var wanted = WantedLayers()

    struct Speaker {
        var voices: UInt32
        var place: Int
    }

    init(
        id: UplinkID,
        peer: UInt32,
        call: UInt64,
        shape: UplinkShape,
        historyPackets: Int,
        using random: inout some RandomNumberGenerator
    ) {
        self.id = id
        self.peer = peer
        self.call = call
        self.shape = shape
        self.historyPackets = historyPackets
        sound = StreamRewriter(
            kind: shape.kind,
            clockRate: shape.kind == .audio ? 48_000 : 90_000,
            begin: StreamRewriter.Beginning(using: &random)
        )
        unsafe layers = .allocate(capacity: UplinkShape.layerLimit)
        unsafe viewers = .allocate(capacity: 0)
        adoptLayers()
    }

    deinit {
        unsafe layers.deinitialize(count: layerCount)
        unsafe layers.deallocate()
        unsafe viewers.deallocate()
    }

    static var nobody: UInt32 { .max }
    var isMirror: Bool { peer == Self.nobody }

    /// Where an encoding lies. The index must be below ``layerCount``.
    func layer(_ index: Int) -> UnsafeMutablePointer<UplinkLayer> {
        unsafe layers + index
    }

    /// The encoding that is this source now, or nil if it has begun anew since.
    func layer(of source: UInt16) -> UnsafeMutablePointer<UplinkLayer>? {
        for index in 0..<layerCount where unsafe layers[index].source == source {
            return unsafe layers + index
        }
        return nil
    }

    /// Makes room for the encodings that the shape has and this has not yet. None is ever taken away,
    /// since viewers may be on it; one that is not sent any more falls silent.
    mutating func adoptLayers() {
        let wanted = min(max(shape.layers.count, 1), UplinkShape.layerLimit)
        while layerCount < wanted {
            unsafe (layers + layerCount).initialize(
                to:
                    UplinkLayer(kind: shape.kind, index: layerCount, historyPackets: historyPackets)
            )
            layerCount += 1
        }
        sortLayers()
    }

    /// Puts the encodings in order. The order of their names says nothing about their sizes.
    mutating func sortLayers() {
        let order = (0..<layerCount).sorted { left, right in
            let (one, other) = unsafe (
                (layers + left).pointee.pixels, (layers + right).pointee.pixels
            )
            return (one, left) < (other, right)
        }
        for (place, index) in order.enumerated() { ladder[place] = index }
    }

    mutating func addViewer(_ downlink: UInt32) {
        if viewerCount == viewerCapacity {
            let bigger = max(4, 2 * viewerCapacity)
            let moved = UnsafeMutablePointer<UInt32>.allocate(capacity: bigger)
            unsafe moved.initialize(from: viewers, count: viewerCount)
            unsafe viewers.deallocate()
            unsafe viewers = moved
            viewerCapacity = bigger
        }
        unsafe viewers[viewerCount] = downlink
        viewerCount += 1
    }

    /// Takes a viewer away, and says how many of the first `served` are left: those stay first.
    mutating func removeViewer(_ downlink: UInt32, served: Int) -> Int {
        for index in 0..<viewerCount where unsafe viewers[index] == downlink {
            viewerCount -= 1
            guard index < served else {
                unsafe viewers[index] = viewers[viewerCount]
                return served
            }
            unsafe viewers[index] = viewers[served - 1]
            unsafe viewers[served - 1] = viewers[viewerCount]
            return served - 1
        }
        return served
    }

    /// What packets of this payload type hold, or nil if it was not agreed.
    func format(_ payloadType: PayloadType) -> UplinkShape.Format? {
        // By number: to walk over the array would count a reference to it for each packet.
        for index in 0..<shape.formats.count where shape.formats[index].payloadType == payloadType {
            return shape.formats[index]
        }
        return nil
    }
}
