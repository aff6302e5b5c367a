/// The head of a VP8 payload (RFC 7741 section 4.2), read and renumbered where it lies.
///
///     |X|R|N|S|R| PID |
///     |I|L|T|K| RSV   |      if X
///     |M| PictureID   |      if I; of fifteen bits if M
///     |   TL0PICIDX   |      if L
///     |TID|Y| KEYIDX  |      if T or K
@safe package struct VP8Descriptor: Hashable, Sendable, BitwiseCopyable {
    package private(set) var startsFrame = false
    package private(set) var pictureID: UInt16?
    package private(set) var hasLongPictureID = false
    package private(set) var baseLayerIndex: UInt8?
    package private(set) var temporalLayer: UInt8 = 0
    package private(set) var isLayerSync = false
    /// Bytes of the descriptor.
    package private(set) var count = 0
    private var pictureOffset = 0
    private var baseLayerOffset = 0

    /// Nil if the payload ends within its descriptor.
    package init?(_ payload: UnsafeRawBufferPointer) {
        guard let first = unsafe payload.first else { return nil }
        startsFrame = first & 0x17 == 0x10
        count = 1
        guard first & 0x80 != 0 else { return }
        guard payload.count > 1 else { return nil }
        let present = unsafe payload[1]
        count = 2
        if present & 0x80 != 0 {
            guard payload.count > count else { return nil }
            pictureOffset = count
            let high = unsafe payload[count]
            if high & 0x80 != 0 {
                guard payload.count > count + 1 else { return nil }
                hasLongPictureID = true
                pictureID = unsafe UInt16(high & 0x7F) << 8 | UInt16(payload[count + 1])
                count += 2
            } else {
                pictureID = UInt16(high)
                count += 1
            }
        }
        if present & 0x40 != 0 {
            guard payload.count > count else { return nil }
            baseLayerOffset = count
            baseLayerIndex = unsafe payload[count]
            count += 1
        }
        if present & 0x30 != 0 {
            guard payload.count > count else { return nil }
            let layers = unsafe payload[count]
            if present & 0x20 != 0 {
                temporalLayer = layers >> 6
                isLayerSync = layers & 0x20 != 0
            }
            count += 1
        }
    }

    /// Adds to picture number and TL0PICIDX, each in the width it has. The length never changes.
    @inline(__always)
    package static func shift(
        _ payload: UnsafeMutableRawPointer,
        count: Int,
        pictureID: UInt16,
        baseLayer: UInt8
    ) {
        let bytes = unsafe UnsafeRawBufferPointer(start: payload, count: count)
        guard let descriptor = unsafe VP8Descriptor(bytes) else { return }
        if let old = descriptor.pictureID {
            let new = old &+ pictureID
            let place = unsafe payload + descriptor.pictureOffset
            if descriptor.hasLongPictureID {
                unsafe place.storeBytes(of: (new | 0x8000).bigEndian, as: UInt16.self)
            } else {
                unsafe place.storeBytes(of: UInt8(new & 0x7F), as: UInt8.self)
            }
        }
        if let old = descriptor.baseLayerIndex {
            unsafe (payload + descriptor.baseLayerOffset).storeBytes(
                of: old &+ baseLayer,
                as: UInt8.self
            )
        }
    }
}
