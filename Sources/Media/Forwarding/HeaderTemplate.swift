/// The RTP header of a viewer's packets, written once and patched for each packet.
///
///      0       1       2       3
///     |V=2  X |M| PT  |    sequence   |
///     |           timestamp           |
///     |             SSRC              |
///     |    0xBEDE     |  length = n   |   only if any extension was agreed (RFC 8285 section 4.2)
///     |id | 1 |transport-wide number  |   if agreed
///     |id | 0 | level |      0        |   if agreed, of sound
///
/// Every packet of a stream has the same extensions, so that two packets never differ in size by them,
/// and runs stay runs.
struct HeaderTemplate: BitwiseCopyable, Sendable {
    private var bytes: InlineArray<24, UInt8>
    let count: Int
    private let transportOffset: Int
    private let levelOffset: Int

    /// Identifiers above 14 need the form of two bytes, which this does not write; such an extension is
    /// left out. So is the transport-wide number unless it `countsArrival`.
    init(
        _ shape: DownlinkShape,
        ssrc: SSRC,
        payloadType: PayloadType,
        countsArrival: Bool = true
    ) {
        bytes = InlineArray(repeating: 0)
        let ids = shape.extensions
        bytes[1] = payloadType.rawValue
        for index in 0..<4 {
            bytes[8 + index] = UInt8(
                truncatingIfNeeded: ssrc.rawValue >> UInt32(24 - 8 * index)
            )
        }
        var end = 16
        var transport = 0
        var level = 0
        if countsArrival, 1...14 ~= ids.transportCC {
            bytes[end] = ids.transportCC << 4 | 1
            transport = end + 1
            end += 3
        }
        if shape.kind == .audio, 1...14 ~= ids.audioLevel {
            bytes[end] = ids.audioLevel << 4
            level = end + 1
            end += 2
        }
        if end > 16 {
            end = end.roundedUpToFour
            bytes[0] = 0x90
            bytes[12] = 0xBE
            bytes[13] = 0xDE
            bytes[15] = UInt8((end - 16) / 4)
            count = end
        } else {
            bytes[0] = 0x80
            count = 12
        }
        transportOffset = transport
        levelOffset = level
    }

    var countsArrival: Bool { transportOffset > 0 }

    /// Writes the header; there must be room for 24 bytes.
    @inline(__always)
    func write(
        into packet: UnsafeMutableRawPointer,
        isMarked: Bool,
        sequence: UInt16,
        timestamp: UInt32,
        transportNumber: UInt16,
        level: UInt8
    ) {
        unsafe packet.storeBytes(of: bytes, as: InlineArray<24, UInt8>.self)
        if isMarked {
            unsafe packet.storeBytes(of: bytes[1] | 0x80, toByteOffset: 1, as: UInt8.self)
        }
        unsafe packet.storeBytes(of: sequence.bigEndian, toByteOffset: 2, as: UInt16.self)
        unsafe packet.storeBytes(of: timestamp.bigEndian, toByteOffset: 4, as: UInt32.self)
        if transportOffset > 0 {
            unsafe packet.storeBytes(
                of: transportNumber.bigEndian,
                toByteOffset: transportOffset,
                as: UInt16.self
            )
        }
        if levelOffset > 0 {
            unsafe packet.storeBytes(of: level, toByteOffset: levelOffset, as: UInt8.self)
        }
    }
}
