internal import Basics
internal import Glibc

/// How many waits were how long: a bar for each fourth of a power of ten.
struct WaitHistogram {
    let title: String
    private let counts: [Int]
    private let sample: Sample
    private let total: Int

    init(title: String, milliseconds: [Double]) {
        self.title = title
        sample = Sample(milliseconds)
        total = milliseconds.count
        var counts = Array(repeating: 0, count: Self.bars)
        for wait in milliseconds { counts[Self.bar(of: wait)] += 1 }
        self.counts = counts
    }

    /// From a tenth of a millisecond to a hundred seconds, and what is beyond with the last.
    static func bar(of milliseconds: Double) -> Int {
        min(max(Int(((Decades.of(milliseconds) + 1) * 4).rounded(.down)), 0), bars - 1)
    }

    private static let bars = 24

    var svg: String {
        let (width, height) = (1_000.0, 120.0)
        let most = Double(max(counts.max() ?? 1, 1))
        var parts: [String] = []
        for (index, count) in counts.enumerated() {
            let x = Double(index) / Double(Self.bars) * width
            let tall = Double(count) / most * (height - 34)
            parts.append(
                "<rect x='\(Figure.text(x + 1))' y='\(Figure.text(height - 18 - tall))' "
                    + "width='\(Figure.text(width / Double(Self.bars) - 2))' height='\(Figure.text(tall))' "
                    + "fill='#2563c9' fill-opacity='.75'><title>\(count)</title></rect>"
            )
            if count > 0 {
                parts.append(
                    "<text x='\(Figure.text(x + width / Double(Self.bars) / 2))' "
                        + "y='\(Figure.text(height - 21 - tall))' text-anchor='middle'>\(count)</text>"
                )
            }
            if index % 4 == 0 {
                parts.append(
                    "<text x='\(Figure.text(x))' y='\(Figure.text(height - 4))'>\(Self.names[index / 4])</text>"
                )
            }
        }
        let words =
            "\(total) times, p50 \(Figure.text(sample.median)) ms, p95 "
            + "\(Figure.text(sample.percentile(95))) ms, longest \(Figure.text(sample.percentile(100))) ms"
        return """
            <figure><figcaption>\(ChaosPage.escaped(title)): \(words)</figcaption>
            <svg viewBox="0 0 \(Int(width)) \(Int(height))" role="img" fill="currentColor" \
            aria-label="\(ChaosPage.escaped(title))">\(parts.joined())</svg></figure>
            """
    }

    private static let names = ["0.1 ms", "1 ms", "10 ms", "100 ms", "1 s", "10 s"]
}

/// Powers of ten, by which waits differ.
enum Decades {
    /// The decimal logarithm; of nothing, less than any that is shown.
    static func of(_ milliseconds: Double) -> Double {
        milliseconds > 0 ? log10(milliseconds) : -10
    }
}
