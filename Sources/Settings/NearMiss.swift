/// Which of the known words somebody meant.
enum NearMiss {
    /// Longer words than this are nobody's slip of the finger, and cost the square of their length.
    private static let longest = 64

    /// The known word that takes the fewest single-letter slips to become `word`, if they are few.
    static func suggestion(for word: String, among known: some Sequence<String>) -> String? {
        let letters = Array(word.lowercased().utf8)
        guard !letters.isEmpty, letters.count <= longest else { return nil }
        var best: (word: String, slips: Int)?
        for candidate in known {
            let target = Array(candidate.lowercased().utf8)
            let tolerance = max(1, min(letters.count, target.count) / 3)
            guard target.count <= longest, abs(target.count - letters.count) <= tolerance else {
                continue
            }
            let limit = min(tolerance, (best?.slips ?? .max) - 1)
            guard let slips = slips(from: letters, to: target, upTo: limit) else { continue }
            best = (candidate, slips)
        }
        return best?.word
    }

    /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment), or
    /// nil as soon as they are sure to be more than `limit`.
    private static func slips(
        from word: [UInt8],
        to target: [UInt8],
        upTo limit: Int
    ) -> Int? {
        var fewestBefore = 0
        var older: [Int] = []
        var previous = Array(0...target.count)
        for row in word.indices {
            var current = [row + 1]
            current.reserveCapacity(target.count + 1)
            for column in target.indices {
                var cost = min(
                    previous[column] + (word[row] == target[column] ? 0 : 1),
                    previous[column + 1] + 1,
                    current[column] + 1
                )
                if row > 0, column > 0, word[row] == target[column - 1],
                    word[row - 1] == target[column]
                {
                    cost = min(cost, older[column - 1] + 1)
                }
                current.append(cost)
            }
            // A swap reaches back two rows, so both must be beyond hope.
            let fewest = current.min() ?? 0
            guard min(fewest, fewestBefore) <= limit else { return nil }
            fewestBefore = fewest
            older = previous
            previous = current
        }
        return previous[target.count] <= limit ? previous[target.count] : nil
    }
}
