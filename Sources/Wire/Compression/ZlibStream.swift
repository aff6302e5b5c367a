internal import CZlib

/// Where zlib keeps its place in a stream: a record that must not move, since zlib's own memory
/// points back at it.
@safe
final class ZlibStream {
    private let place: UnsafeMutablePointer<z_stream>
    private let end: (UnsafeMutablePointer<z_stream>) -> Void

    /// - Parameters:
    ///   - begin: One of zlib's `…Init2_`. It fails when there is no memory, as Swift's own arrays
    ///     do, or when it was given settings it doesn't have.
    ///   - end: The `…End` of the same pair.
    init(
        begin: (UnsafeMutablePointer<z_stream>) -> CInt,
        end: @escaping (UnsafeMutablePointer<z_stream>) -> Void
    ) {
        unsafe place = .allocate(capacity: 1)
        unsafe place.initialize(to: z_stream())
        unsafe self.end = end
        let answer = unsafe begin(place)
        precondition(answer == Z_OK, "zlib opens every stream with settings it has and memory")
    }

    deinit {
        unsafe end(place)
        unsafe place.deallocate()
    }

    /// The number of bytes offered and not yet taken.
    var untaken: Int { Int(unsafe place.pointee.avail_in) }

    /// What zlib says of the place it has come to: unused bits, whether it is the last block, and
    /// whether it is between two blocks (zlib.h at `inflate`).
    var placeMarks: CInt { unsafe place.pointee.data_type }

    /// What zlib has against the bytes it was shown.
    var complaint: String {
        guard let message = unsafe place.pointee.msg else { return "no DEFLATE data" }
        return unsafe String(cString: message)
    }

    /// Does something that can't fail on a stream that is open.
    func restart(_ reset: (UnsafeMutablePointer<z_stream>) -> CInt) {
        let answer = unsafe reset(place)
        precondition(answer == Z_OK, "zlib restarts every stream that is open")
    }

    /// Shows zlib `input` for as long as `work` lasts, in pieces that its counters can hold.
    ///
    /// `work` is told whether its piece is the last, and answers whether to go on.
    func offer(_ input: Span<UInt8>, work: (_ isLast: Bool) -> Bool) {
        unsafe input.withUnsafeBufferPointer { bytes in
            var start = 0
            repeat {
                let count = min(bytes.count - start, 1 << 30)
                // zlib reads through this pointer, and writes only when it is told where.
                let first = unsafe bytes.baseAddress.map { unsafe $0 + start }
                unsafe place.pointee.next_in = UnsafeMutablePointer(mutating: first)
                unsafe place.pointee.avail_in = UInt32(count)
                start += count
                guard work(start == bytes.count) else { break }
            } while start < bytes.count
            unsafe place.pointee.next_in = nil
        }
    }

    /// Lets zlib take one step, and appends what it wrote: `room` bytes at most.
    func step(
        room: Int,
        to output: inout [UInt8],
        _ step: (UnsafeMutablePointer<z_stream>) -> CInt
    ) -> (answer: CInt, isFull: Bool) {
        var answer = Z_OK
        var isFull = false
        output.append(addingCapacity: room) { free in
            unsafe free.withUnsafeMutableBufferPointer { bytes, count in
                unsafe place.pointee.next_out = bytes.baseAddress
                unsafe place.pointee.avail_out = UInt32(room)
                answer = unsafe step(place)
                let unused = Int(unsafe place.pointee.avail_out)
                unsafe place.pointee.next_out = nil
                isFull = unused == 0
                count = room - unused
            }
        }
        return (answer, isFull)
    }
}
