internal import Basics

/// The last packets of one received stream, in plaintext, each once: what retransmissions, fan-out,
/// the replay of a key frame and a recorder read from.
///
/// One allocation, made when the first packet comes: a record for each place, then cells of bytes.
/// A packet of number `n` has place `n` modulo the count of places, so it is found in one step, a
/// late one still goes where it belongs, and one that lost its place to a later one is seen to have.
///
/// There is one cell more than places. A packet is decrypted into the spare cell and takes its place
/// only when it is committed, by swapping cells, so that bytes nobody vouches for overwrite nothing:
///
///     reserve(count) ──▶ pointer to the spare cell ──▶ decrypt, authenticate, parse
///          ▲                                              │ failed: nothing to undo
///          └──────────────── commit(record) ◀─────────────┘
///
/// Memory: a video history of 512 places takes 812 KB of addresses, of which the system backs those
/// pages that packets came to; an audio history of 32 takes 10 KB, 18.4 KB from the first packet beyond
/// 256 bytes on, and 52 KB from the first beyond 512.
///
/// The memory is owned here. A pointer or record handed out is good until the next call that changes
/// the history.
@safe package struct PacketHistory: ~Copyable, @unchecked Sendable {
    package enum Verdict: Hashable, Sendable {
        case stored
        /// A packet of this number is here already.
        case duplicate
        /// Its place belongs to a later packet.
        case tooOld
    }

    /// Bytes of the longest packet that is kept: more than an Ethernet frame carries.
    package static let longest = 1_536
    /// What cells have, until a packet is longer: a voice's are some 150 bytes, with what was said before
    /// it some 300.
    private static let cells = [256, 512, longest]
    private static let recordSize = MemoryLayout<PacketRecord>.stride
    private static let none = UInt64.max

    private let places: Int
    private var cellSize: Int
    private var memory: UnsafeMutableRawPointer?
    /// The beginning of the same memory.
    private var records: UnsafeMutablePointer<PacketRecord>?
    private var spare: UInt16 = 0
    private var isEmpty = true
    private var latest: UInt64 = 0
    private var keyFrame: UInt64 = none

    /// For sound 32 places of short cells, for pictures as many long ones as asked for.
    package init(_ kind: MediaKind, videoPlaces: Int = 512) {
        precondition(
            32...8_192 ~= videoPlaces && videoPlaces & (videoPlaces - 1) == 0,
            "a history has 32 to 8192 places, a power of two"
        )
        places = kind == .audio ? 32 : videoPlaces
        cellSize = kind == .audio ? Self.cells[0] : Self.longest
        unsafe memory = nil
        unsafe records = nil
    }

    deinit {
        unsafe memory?.deallocate()
    }

    // MARK: Writing

    /// Room for a packet of that many bytes, encrypted or not, or nil if it is too long to keep.
    ///
    /// Until it is committed, the next call gives the same room again.
    package mutating func reserve(_ count: Int) -> UnsafeMutableRawPointer? {
        guard count >= 0, count <= Self.longest else { return nil }
        if unsafe memory == nil || count > cellSize { makeRoom(for: count) }
        return unsafe bytes(ofCell: spare)
    }

    /// Gives the packet in the reserved room its place.
    package mutating func commit(_ record: PacketRecord) -> Verdict {
        let sequence = record.sequence
        precondition(sequence != Self.none, "an extended number has 48 bits")
        guard let records = unsafe records else {
            preconditionFailure("commit(_:) follows reserve(_:)")
        }
        precondition(Int(record.count) <= cellSize, "a packet lies in the room reserved for it")
        if !isEmpty, sequence &+ UInt64(places) <= latest { return .tooOld }
        let place = place(of: sequence)
        let old = unsafe records[place]
        if old.sequence == sequence { return .duplicate }
        var new = record
        new.cell = spare
        spare = old.cell
        unsafe records[place] = new
        if isEmpty || sequence > latest { latest = sequence }
        isEmpty = false
        if record.startsKeyFrame, keyFrame == Self.none || sequence > keyFrame {
            keyFrame = sequence
        }
        return .stored
    }

    /// Gives the memory back; what comes later starts anew.
    package mutating func release() {
        unsafe memory?.deallocate()
        unsafe memory = nil
        unsafe records = nil
        isEmpty = true
        latest = 0
        keyFrame = Self.none
    }

    // MARK: Reading

    /// The highest number stored, or nil before the first packet.
    package var newest: UInt64? { isEmpty ? nil : latest }

    package var capacity: Int { places }

    /// Bytes taken from the system.
    package var allocated: Int {
        unsafe memory == nil ? 0 : size(withCellsOf: cellSize)
    }

    /// Whether a packet of this number would be stored. Ask before spending time on decryption.
    package func admits(_ sequence: UInt64) -> Bool {
        if isEmpty { return true }
        return sequence &+ UInt64(places) > latest && record(sequence) == nil
    }

    /// What is known of the packet of this number, if it came and is among the last.
    package func record(_ sequence: UInt64) -> PacketRecord? {
        guard let records = unsafe records else { return nil }
        guard latest &- sequence < UInt64(places) else { return nil }
        let found = unsafe records[place(of: sequence)]
        return found.sequence == sequence ? found : nil
    }

    /// The whole packet, header and payload: `record.count` bytes.
    package func packet(_ record: PacketRecord) -> UnsafeRawPointer {
        unsafe UnsafeRawPointer(bytes(ofCell: record.cell))
    }

    /// The number of the first packet at or after this one that is here.
    package func first(from sequence: UInt64) -> UInt64? {
        guard !isEmpty, sequence <= latest else { return nil }
        let span = UInt64(places - 1)
        var next = max(sequence, latest > span ? latest - span : 0)
        while next <= latest {
            if record(next) != nil { return next }
            next &+= 1
        }
        return nil
    }

    /// The whole count whose low bits these are, nearest to the newest packet.
    package func extended(_ number: SequenceNumber) -> UInt64 {
        number.extended(near: latest)
    }

    /// The same for the low 32 bits, as ``SentPackets`` keeps them.
    package func extended(low number: UInt32) -> UInt64 {
        let step = Int64(Int32(bitPattern: number &- UInt32(truncatingIfNeeded: latest)))
        return UInt64(bitPattern: Int64(bitPattern: latest) &+ step)
    }

    /// From the first packet of the latest key frame to the newest packet, if all of them are here
    /// and no more than `limit`: what a new viewer can be shown without asking the publisher.
    package func sinceKeyFrame(limit: Int) -> ClosedRange<UInt64>? {
        guard keyFrame != Self.none, keyFrame <= latest else { return nil }
        guard latest &- keyFrame < UInt64(min(limit, places)) else { return nil }
        var next = keyFrame
        while next <= latest {
            if record(next) == nil { return nil }
            next &+= 1
        }
        return keyFrame...latest
    }

    // MARK: Memory

    private func place(of sequence: UInt64) -> Int {
        Int(truncatingIfNeeded: sequence & UInt64(places &- 1))
    }

    private func bytes(ofCell cell: UInt16) -> UnsafeMutableRawPointer {
        guard let memory = unsafe memory else {
            preconditionFailure("a history has no packets before the first")
        }
        return unsafe memory + (places &* Self.recordSize &+ Int(cell) &* cellSize)
    }

    private func size(withCellsOf bytes: Int) -> Int {
        places * Self.recordSize + (places + 1) * bytes
    }

    /// Takes the memory at the first packet, and longer cells at the first that has no room in them.
    private mutating func makeRoom(for count: Int) {
        let newSize = max(cellSize, Self.cells.first { count <= $0 } ?? Self.longest)
        let fresh = UnsafeMutableRawPointer.allocate(
            byteCount: size(withCellsOf: newSize),
            alignment: 64
        )
        let recordBytes = places * Self.recordSize
        let records = unsafe fresh.bindMemory(to: PacketRecord.self, capacity: places)
        if let old = unsafe memory, let oldRecords = unsafe self.records {
            unsafe records.initialize(from: oldRecords, count: places)
            for cell in 0...places {
                unsafe (fresh + recordBytes + cell * newSize).copyMemory(
                    from: old + recordBytes + cell * cellSize,
                    byteCount: cellSize
                )
            }
            unsafe old.deallocate()
        } else {
            for place in 0..<places {
                var record = PacketRecord(
                    sequence: Self.none,
                    timestamp: 0,
                    payloadType: PayloadType(0),
                    count: 0,
                    arrival: Instant(nanoseconds: 0)
                )
                record.cell = UInt16(place)
                unsafe (records + place).initialize(to: record)
            }
            spare = UInt16(places)
        }
        unsafe memory = fresh
        unsafe self.records = records
        cellSize = newSize
    }
}
