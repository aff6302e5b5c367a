import Cluster
import Coordination
import Synchronization
import Wire

/// Keeps the numbers that come to it by letter, in their order.
final class LetterCount: LetterReceiver {
    private let heard = Mutex<[Int]>([])
    var numbers: [Int] { heard.withLock { $0 } }

    func receive(_ content: [UInt8], from sender: MemberID) {
        guard let number = try? Int(packed: content) else { return }
        heard.withLock { $0.append(number) }
    }
}
