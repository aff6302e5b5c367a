internal import Basics
internal import IO
internal import Media

/// Sees to it that a datagram gets to the thread that has its call.
///
/// The kernel deals datagrams among a port's sockets by their addresses, and knows nothing of calls. A
/// check says by its first letter to which shard it belongs. Everything else is told by its path, which
/// the shard in question has confirmed: by a stranger's word alone no path is given to anybody.
///
/// A connection that stands for a path (ICE-TCP) stays with the thread that accepted it. Its frames are
/// handed over under a path that names that thread instead of a local address, and answers along such a
/// path are handed back.
///
/// Through the same boxes go packets of calls that are on several threads (`MirroredPacket`).
struct MediaPost {
    let shard: Int
    private let boxes: [LoopMail?]
    /// Paths of other shards, and whose they are.
    private var strays: [DatagramPath: Int] = [:]
    private(set) var handedOver: UInt64 = 0
    /// Datagrams that found no room on their way.
    private(set) var dropped: UInt64 = 0
    /// Who has got something since ``ring()``, a bit each.
    private var touched: UInt64 = 0

    /// A box for each shard, but none for our own.
    init(shard: Int, boxes: [LoopMail?]) {
        precondition(boxes.count <= LocalUfrag.shardLimit, "a shard has a letter, and a bit")
        precondition(
            MemoryLayout<DatagramPath>.size != MirroredPacket.headerSize,
            "a datagram and a mirrored packet are told apart by the sizes of their headers"
        )
        self.shard = shard
        self.boxes = boxes
    }

    /// More paths than this are not remembered; they find their way by their next check.
    private static let strayLimit = 20_000

    /// In place of a local address: the shard that has the connection.
    private static let abroad: UInt16 = 0x8000

    /// Which other shard has the connection that this path stands for; nil if it is ours, or none.
    static func shard(abroad path: DatagramPath) -> Int? {
        path.local & abroad != 0 ? Int(path.local & ~abroad) : nil
    }

    var hasOthers: Bool { boxes.count > 1 }

    /// Where the datagram belongs that is not known here; nil if it is ours to refuse.
    func owner(of datagram: UnsafeRawPointer, count: Int, from path: DatagramPath) -> Int? {
        if count >= 20, unsafe datagram.load(as: UInt8.self) < 4 {
            let bytes = unsafe Span<UInt8>(
                _unsafeStart: datagram.assumingMemoryBound(to: UInt8.self),
                count: count
            )
            guard let first = Self.ufragLetter(bytes), let owner = LocalUfrag.shard(first),
                owner != shard, owner < boxes.count
            else { return nil }
            return owner
        }
        return strays[Self.key(path)]
    }

    private static func ufragLetter(_ bytes: Span<UInt8>) -> UInt8? {
        do throws(STUNFault) {
            let message = try STUNMessage(bytes)
            guard let ufrag = message.ufrag, !ufrag.isEmpty else { return nil }
            return ufrag[0]
        } catch {
            return nil
        }
    }

    /// Sends the datagram to the shard it belongs to.
    mutating func hand(
        _ datagram: UnsafeRawPointer,
        count: Int,
        from path: DatagramPath,
        to owner: Int
    ) {
        guard let box = boxes[owner] else { return }
        handedOver &+= 1
        var path = path
        if path.stream != 0, Self.shard(abroad: path) == nil {
            path.local = Self.abroad | UInt16(shard)
        }
        let body = unsafe UnsafeRawBufferPointer(start: datagram, count: count)
        let isThere = unsafe withUnsafeBytes(of: path) { header in
            unsafe box.push(header, body)
        }
        if !isThere { dropped &+= 1 }
        touched |= 1 << UInt64(owner)
    }

    /// Hands a packet to a shard that has a mirror of its track. False if there is no room.
    mutating func hand(
        _ header: UnsafeRawBufferPointer,
        _ packet: UnsafeRawBufferPointer,
        to shard: Int
    ) -> Bool {
        guard boxes.indices.contains(shard), let box = boxes[shard] else { return false }
        touched |= 1 << UInt64(shard)
        return unsafe box.push(header, packet)
    }

    /// Wakes those who have got something in this turn.
    mutating func ring() {
        while touched != 0 {
            boxes[touched.trailingZeroBitCount]?.ring()
            touched &= touched - 1
        }
    }

    /// Another shard has confirmed that what comes over this path is for it.
    mutating func lead(_ path: DatagramPath, to owner: Int) {
        if strays.count >= Self.strayLimit { strays.removeAll() }
        strays[Self.key(path)] = owner
    }

    /// Of a connection the number alone.
    private static func key(_ path: DatagramPath) -> DatagramPath {
        guard path.stream != 0 else { return path }
        var path = path
        path.local = 0
        return path
    }
}
