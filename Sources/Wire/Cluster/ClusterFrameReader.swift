internal import Basics

/// Cuts the bytes of a link into frames.
package struct ClusterFrameReader: Sendable {
    package enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        case tooLong(UInt64, limit: Int)
        case empty
        case unreadable(PackFault)

        package var description: String {
            switch self {
            case .tooLong(let length, let limit):
                "a frame of \(length) bytes was announced; \(limit) is the limit"
            case .empty: "an empty frame came"
            case .unreadable(let fault): fault.description
            }
        }
    }

    private var bytes: [UInt8] = []
    private var consumed = 0
    private var limit: Int

    /// `limit`: for the first word of a stranger, less than ``ClusterFrame/limit``.
    package init(limit: Int = ClusterFrame.limit) {
        self.limit = limit
    }

    /// Takes longer frames from here on.
    package mutating func lift(to limit: Int) { self.limit = limit }

    /// Of frames that are not whole yet.
    package var pending: Int { bytes.count - consumed }

    package mutating func append(_ more: Span<UInt8>) {
        if consumed == bytes.count {
            bytes.removeAll(keepingCapacity: bytes.capacity <= Self.keptCapacity)
            consumed = 0
        } else if consumed > Self.keptCapacity {
            bytes.removeFirst(consumed)
            consumed = 0
        }
        bytes.append(copying: more)
    }

    /// The next whole frame; nil if there is none yet.
    package mutating func next() throws(Fault) -> ClusterFrame? {
        guard pending >= ClusterFrame.headLength else { return nil }
        var length: UInt64 = 0
        for index in 0..<ClusterFrame.headLength {
            length = length << 8 | UInt64(bytes[consumed + index])
        }
        guard length > 0 else { throw .empty }
        guard length <= UInt64(limit) else { throw .tooLong(length, limit: limit) }
        let start = consumed + ClusterFrame.headLength
        let end = start + Int(length)
        guard end <= bytes.count else { return nil }
        consumed = end
        do throws(PackFault) {
            return try ClusterFrame(bytes, in: start..<end)
        } catch {
            throw .unreadable(error)
        }
    }

    private static let keptCapacity = 64 << 10
}
