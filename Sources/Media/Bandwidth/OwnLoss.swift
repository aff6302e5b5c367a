/// How much a path loses by itself, whatever it is given, told from a dozen windows in which it was
/// given different amounts.
///
/// A full path delivers the same however much more it is given, so its loss rises with the rate. A
/// path's own loss doesn't care about the rate. Of each combination of an own loss and a capacity (or
/// none in sight) the squared distance from what was seen is taken, weighed by what chance does in
/// so many packets; the least wins. Where the rates were all the same nothing can be told, and an own
/// loss is not presumed: a small cost keeps it at zero.
struct OwnLoss {
    private static let most = 8
    private static let step = 0.05
    private static let presumption = 20.0

    private struct Point {
        var sending = 0.0
        var loss = 0.0
        var packets = 0.0
    }

    private var points = InlineArray<12, Point>(repeating: Point())
    private var count = 0

    mutating func add(_ window: LossRate.Window) {
        points[count % points.count] = Point(
            sending: window.sending,
            loss: window.loss,
            packets: Double(window.packets)
        )
        count += 1
    }

    /// 0 to 0.4.
    var fit: Double {
        let known = min(count, points.count)
        var best = 0.0
        var least = Double.infinity
        for index in 0...Self.most {
            let own = Double(index) * Self.step
            let cost = own * Self.presumption
            let unlimited = cost + distance(own, .infinity, known)
            if unlimited < least {
                least = unlimited
                best = own
            }
            for place in 0..<known {
                let delivered = points[place].sending * (1 - points[place].loss)
                let distance = cost + distance(own, delivered, known)
                if distance < least {
                    least = distance
                    best = own
                }
            }
        }
        return best
    }

    private func distance(_ own: Double, _ capacity: Double, _ known: Int) -> Double {
        var sum = 0.0
        for place in 0..<known {
            let point = points[place]
            let passes =
                point.sending * (1 - own) > capacity ? capacity / point.sending : 1 - own
            let error = point.loss - (1 - passes)
            sum += error * error * point.packets / (passes * (1 - passes) + 0.01)
        }
        return sum
    }
}
