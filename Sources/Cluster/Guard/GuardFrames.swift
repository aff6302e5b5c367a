/// What a guard has read of its pipe, cut into orders: four bytes of length, then the order.
struct GuardFrames {
    private var bytes: [UInt8] = []
    /// A length that no node writes has come; nothing after it has sense.
    private(set) var isSpoilt = false

    mutating func take(_ new: ArraySlice<UInt8>) { bytes += new }

    mutating func next() -> [UInt8]? {
        guard !isSpoilt, bytes.count >= 4 else { return nil }
        let length = bytes[..<4].reduce(0) { $0 << 8 | Int($1) }
        guard length <= Self.longest else {
            isSpoilt = true
            return nil
        }
        guard bytes.count >= 4 + length else { return nil }
        defer { bytes.removeFirst(4 + length) }
        return Array(bytes[4..<4 + length])
    }

    private static let longest = 1 << 20
}
