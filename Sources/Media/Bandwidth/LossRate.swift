/// What the path may be given, as its losses tell. Mostly nothing: a path has its own losses, and only
/// more than those mean that it is full.
///
/// The draft cuts the rate above 10 % of loss (draft-ietf-rmcat-gcc-02 section 6), which starves a
/// viewer behind a radio that loses 12 % whatever it is given. So what a path loses by itself is found
/// out (`OwnLoss`), and only what exceeds it counts.
///
///     loss  0        own + 2 %            own + 10 %  (and one standard deviation)
///           | rate grows |   rate stays     | rate is cut by half the excess
package struct LossRate: Sendable {
    /// A time in which enough packets were told of.
    package struct Window: Sendable {
        package var packets: Int
        package var lost: Int
        package var seconds: Double
        /// What was sent, in bits a second.
        package var sending: Double

        package init(packets: Int, lost: Int, seconds: Double, sending: Double) {
            self.packets = packets
            self.lost = lost
            self.seconds = seconds
            self.sending = sending
        }

        var loss: Double { Double(lost) / Double(packets) }
    }

    /// Nil: the losses ask for nothing.
    package private(set) var limit: Double?
    /// The loss that does not depend on the rate.
    package private(set) var own = 0.0
    private var model = OwnLoss()
    private let range: ClosedRange<Double>

    package init(range: ClosedRange<Double>) {
        self.range = range
    }

    /// `rate` is what was allowed during the window. Says whether it cut, after which what is
    /// already on its way should not be counted again.
    package mutating func update(_ window: Window, rate: Double) -> Bool {
        guard window.packets > 0 else { return false }
        let loss = window.loss
        model.add(window)
        // Where hardly anything is lost there is nothing to find out.
        own = max(loss, own) < 0.02 ? 0 : model.fit

        let likely = max(own, 0.02)
        let deviation = (likely * (1 - likely) / Double(window.packets)).squareRoot()
        if loss > own + 0.1 + deviation {
            // Of an estimate that is not filled, losses say little but that it is too high.
            let base = min(limit ?? rate, rate, 2 * window.sending)
            let arriving = min(base, window.sending * (1 - loss))
            set(max(base * (1 - (loss - own) / 2), arriving))
            return true
        }
        if let limit, loss < own + 0.02 + deviation {
            let raised = limit * (1 + 0.08 * min(window.seconds, 1))
            if raised > 1.3 * rate { self.limit = nil } else { set(raised) }
        }
        return false
    }

    /// A probe arrived at this rate, with few losses.
    package mutating func probed(_ result: Double) {
        if let limit, result > limit { set(result) }
    }

    private mutating func set(_ value: Double) {
        limit = min(max(value, range.lowerBound), range.upperBound)
    }
}
