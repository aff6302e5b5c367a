internal import Basics
internal import Store

/// A moment as sixteen digits that sort as the moments do, before and after 1970: milliseconds, with so
/// much added that all have the same length. Lua's numbers hold them exactly.
enum StoreTime {
    private static let shift: Int64 = 5_000_000_000_000_000
    private static let range: ClosedRange<Int64> =
        -4_000_000_000_000_000...4_000_000_000_000_000

    static let length = 16

    static func text(_ time: WallTime) throws(StoreFault) -> String {
        guard range.contains(time.milliseconds) else {
            throw StoreFault(
                "a time beyond the year 100,000 was to be stored; look at this machine's clock",
                reason: .outOfBounds
            )
        }
        return String(time.milliseconds + shift)
    }

    /// For a bound: what lies beyond is as good as the last moment that there is.
    static func text(nearest time: WallTime) -> String {
        String(min(max(time.milliseconds, range.lowerBound), range.upperBound) + shift)
    }

    static func time(_ text: some Collection<UInt8>) -> WallTime? {
        guard text.count == length, let number = Int64(String(decoding: text, as: UTF8.self))
        else { return nil }
        return WallTime(milliseconds: number - shift)
    }
}
