/// The header extensions that matter to forwarding, found in one walk (RFC 8285 section 4).
///
/// At most sixteen elements are looked at; a packet with more has its rest ignored. An element that
/// runs over the end of the block ends the walk.
@safe package struct RTPExtensions: Sendable, BitwiseCopyable {
    /// Where an element's value lies in the packet. Empty: not there.
    package struct Place: Hashable, Sendable, BitwiseCopyable {
        package var offset: UInt16 = 0
        package var count: UInt16 = 0

        package init() {}

        package var isThere: Bool { count > 0 }
    }

    package private(set) var transportSequence: UInt16?
    package private(set) var audioLevel: UInt8?
    package private(set) var mid = Place()
    package private(set) var rid = Place()
    package private(set) var repairedRID = Place()
    package private(set) var dependencyDescriptor = Place()

    @inline(__always)
    package init(_ packet: UnsafeRawPointer, _ header: RTPHeader, _ ids: ExtensionIDs) {
        guard header.extensionProfile != 0 else { return }
        let isOneByte = header.extensionProfile == 0xBEDE
        guard isOneByte || header.extensionProfile & 0xFFF0 == 0x1000 else { return }
        var offset = header.extensionStart
        let end = header.headerCount
        var left = 16
        while offset < end, left > 0 {
            let first = unsafe packet.load(fromByteOffset: offset, as: UInt8.self)
            offset &+= 1
            if first == 0 { continue }  // padding
            let id: UInt8
            let count: Int
            if isOneByte {
                id = first >> 4
                // Reserved: whoever sees it stops (section 4.2).
                if id == 15 { return }
                count = Int(first & 0x0F) &+ 1
            } else {
                guard offset < end else { return }
                id = first
                count = unsafe Int(packet.load(fromByteOffset: offset, as: UInt8.self))
                offset &+= 1
            }
            guard offset &+ count <= end else { return }
            if id != 0 { unsafe take(id, ids, packet, offset, count) }
            offset &+= count
            left &-= 1
        }
    }

    @inline(__always)
    private mutating func take(
        _ id: UInt8,
        _ ids: ExtensionIDs,
        _ packet: UnsafeRawPointer,
        _ offset: Int,
        _ count: Int
    ) {
        if id == ids.transportCC {
            guard count >= 2 else { return }
            unsafe transportSequence = UInt16(
                bigEndian: packet.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
            )
        } else if id == ids.audioLevel {
            guard count >= 1 else { return }
            unsafe audioLevel = packet.load(fromByteOffset: offset, as: UInt8.self)
        } else if id == ids.mid {
            mid = place(offset, count)
        } else if id == ids.rid {
            rid = place(offset, count)
        } else if id == ids.repairedRID {
            repairedRID = place(offset, count)
        } else if id == ids.dependencyDescriptor {
            dependencyDescriptor = place(offset, count)
        }
    }

    private func place(_ offset: Int, _ count: Int) -> Place {
        var place = Place()
        place.offset = UInt16(truncatingIfNeeded: offset)
        place.count = UInt16(truncatingIfNeeded: count)
        return place
    }

    /// Whether the bytes at that place are this text's. No string is made.
    package static func holds(
        _ text: String,
        at place: Place,
        in packet: UnsafeRawPointer
    ) -> Bool {
        guard place.isThere, text.utf8.count == Int(place.count) else { return false }
        var offset = Int(place.offset)
        for byte in text.utf8 {
            guard unsafe packet.load(fromByteOffset: offset, as: UInt8.self) == byte else {
                return false
            }
            offset &+= 1
        }
        return true
    }
}
