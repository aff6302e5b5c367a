/// Where in a packet the header extensions lie that we understand (RFC 8285 section 4).
///
///     one byte, profile BEDE:   | id 4 | count - 1  4 | value ... |       id 15 ends the list
///     two bytes, profile 100x:  | id 8 | count      8 | value ... |
///     in both                   | 0 |                                     padding
///
/// One pass over the block finds all. Of several of one kind the first counts.
package struct RTPExtensions: Hashable, BitwiseCopyable, Sendable {
    /// A value's place, counted from the packet's first byte.
    package struct Place: Hashable, BitwiseCopyable, Sendable {
        package var offset: UInt16 = 0
        package var count: UInt16 = 0

        /// No value lies at zero, where the header is.
        package var isThere: Bool { offset != 0 }

        package var range: Range<Int> { Int(offset)..<Int(offset) &+ Int(count) }
    }

    package private(set) var audioLevel = Place()
    package private(set) var transportCC = Place()
    package private(set) var mid = Place()
    package private(set) var rid = Place()
    package private(set) var repairedRID = Place()
    package private(set) var dependencyDescriptor = Place()

    /// `packet` is the one whose header this is. Nil if an extension does not end where the list
    /// does, or if there are more than sixteen.
    package init?(_ packet: UnsafeRawPointer, _ header: RTPHeader, _ ids: ExtensionIDs) {
        guard header.extensionCount > 0 else { return }
        let isShort = header.extensionProfile == Self.shortProfile
        // Another form is somebody else's, and says nothing to us.
        guard isShort || header.extensionProfile >> 4 == Self.longProfile >> 4 else { return }
        var offset = header.extensionOffset
        let end = header.headerCount
        var found = 0
        while offset < end {
            let first = unsafe packet.load(fromByteOffset: offset, as: UInt8.self)
            offset &+= 1
            if first == 0 { continue }
            let id: UInt8
            let count: Int
            if isShort {
                id = first >> 4
                count = Int(first & 0xF) &+ 1
                // Id 0 with a length, and id 15, end the list (section 4.2).
                if id == 0 || id == 15 { return }
            } else {
                guard offset < end else { return nil }
                id = first
                count = Int(unsafe packet.load(fromByteOffset: offset, as: UInt8.self))
                offset &+= 1
            }
            found &+= 1
            guard count <= end &- offset, found <= Self.most else { return nil }
            note(
                Place(
                    offset: UInt16(truncatingIfNeeded: offset),
                    count: UInt16(truncatingIfNeeded: count)
                ),
                id,
                ids
            )
            offset &+= count
        }
    }

    /// The transport-wide number of this packet.
    package func transportNumber(in packet: UnsafeRawPointer) -> UInt16? {
        guard transportCC.count == 2 else { return nil }
        return unsafe packet.bigEndian16(at: Int(transportCC.offset))
    }

    package func audioLevel(in packet: UnsafeRawPointer) -> AudioLevel? {
        guard audioLevel.count > 0 else { return nil }
        return AudioLevel(
            byte: unsafe packet.load(fromByteOffset: Int(audioLevel.offset), as: UInt8.self)
        )
    }

    private mutating func note(_ place: Place, _ id: UInt8, _ ids: ExtensionIDs) {
        switch id {
        case ids.transportCC where !transportCC.isThere: transportCC = place
        case ids.audioLevel where !audioLevel.isThere: audioLevel = place
        case ids.mid where !mid.isThere: mid = place
        case ids.rid where !rid.isThere: rid = place
        case ids.repairedRID where !repairedRID.isThere: repairedRID = place
        case ids.dependencyDescriptor where !dependencyDescriptor.isThere:
            dependencyDescriptor = place
        default: break
        }
    }

    static var shortProfile: UInt16 { 0xBEDE }
    static var longProfile: UInt16 { 0x1000 }
    static var most: Int { 16 }
}
