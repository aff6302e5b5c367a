internal import Basics

/// Ends of promises, the latest first. A handful lies in place; more go into an array.
struct LatestEnds {
    private static let inPlace = 8

    private var few: InlineArray<8, Instant> = InlineArray(repeating: Instant(nanoseconds: .min))
    private var many: [Instant] = []
    private var count = 0

    mutating func insert(_ end: Instant) {
        if count >= Self.inPlace {
            if many.isEmpty { for index in few.indices { many.append(few[index]) } }
            let place = many.firstIndex { $0 < end } ?? many.count
            many.insert(end, at: place)
        } else {
            var place = count
            while place > 0, few[place - 1] < end {
                few[place] = few[place - 1]
                place -= 1
            }
            few[place] = end
        }
        count += 1
    }

    /// The one of that place; nil if there are fewer.
    subscript(place: Int) -> Instant? {
        guard place < count else { return nil }
        return count > Self.inPlace ? many[place] : few[place]
    }
}
