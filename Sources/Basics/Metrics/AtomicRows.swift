package import Synchronization

/// A small table of 64-bit numbers that many threads add to and one sums up.
///
/// Each row begins on a pair of cache lines of its own (processors fetch them in pairs), so threads
/// that keep to their rows never wait for each other. Any number is a valid row: it wraps around.
///
/// The memory is owned here, never handed out, and lives as long as the table; that is what makes
/// the unsafe pointer safe.
@safe package struct AtomicRows: ~Copyable, @unchecked Sendable {
    @usableFromInline let cells: UnsafeMutablePointer<Atomic<UInt64>>
    @usableFromInline let mask: Int
    @usableFromInline let stride: Int
    @usableFromInline let columns: Int

    /// Creates a table of zeros, with as many rows as asked for or the next power of two.
    package init(rows: Int, columns: Int) {
        precondition(1...1024 ~= rows, "a table has 1 to 1024 rows, one a thread at most")
        precondition(1...4096 ~= columns, "a table has 1 to 4096 columns")
        let perLine = 128 / MemoryLayout<UInt64>.size
        let rowCount = rows == 1 ? 1 : 1 << (Int.bitWidth - (rows - 1).leadingZeroBitCount)
        mask = rowCount - 1
        stride = (columns + perLine - 1) / perLine * perLine
        self.columns = columns
        let count = rowCount * stride
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: count * MemoryLayout<UInt64>.size,
            alignment: 128
        )
        unsafe cells = memory.bindMemory(to: Atomic<UInt64>.self, capacity: count)
        for index in 0..<count {
            unsafe (cells + index).initialize(to: Atomic(0))
        }
    }

    deinit {
        unsafe cells.deinitialize(count: (mask + 1) * stride)
        unsafe UnsafeMutableRawPointer(cells).deallocate()
    }

    @inlinable
    package func add(_ count: UInt64, row: Int, column: Int) {
        precondition(column >= 0 && column < columns, "the table has no such column")
        let index = (row & mask) &* stride &+ column
        unsafe cells[index].wrappingAdd(count, ordering: .relaxed)
    }

    /// Adds to a cell that holds the bits of a `Double`.
    @inlinable
    package func addDouble(_ amount: Double, row: Int, column: Int) {
        precondition(column >= 0 && column < columns, "the table has no such column")
        let index = (row & mask) &* stride &+ column
        var old = unsafe cells[index].load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (exchanged, seen) = unsafe cells[index].weakCompareExchange(
                expected: old,
                desired: new,
                ordering: .relaxed
            )
            if exchanged { return }
            old = seen
        }
    }

    package func total(column: Int) -> UInt64 {
        precondition(column >= 0 && column < columns, "the table has no such column")
        var total: UInt64 = 0
        for row in 0...mask {
            total &+= unsafe cells[row * stride + column].load(ordering: .relaxed)
        }
        return total
    }

    package func doubleTotal(column: Int) -> Double {
        precondition(column >= 0 && column < columns, "the table has no such column")
        var total = 0.0
        for row in 0...mask {
            total += Double(
                bitPattern: unsafe cells[row * stride + column].load(ordering: .relaxed)
            )
        }
        return total
    }
}
