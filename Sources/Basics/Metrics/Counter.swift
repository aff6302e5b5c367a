/// A number that only grows, until the process ends.
///
/// Adding is one relaxed atomic addition: no lock, no allocation. A counter that several threads add
/// to all the time is made with a cell for each, and each thread names its own.
package final class Counter: Sendable {
    @usableFromInline let cells: AtomicRows

    /// Creates a counter that belongs to no registry; see ``MetricRegistry`` for one that does.
    package init(cells: Int = 1) {
        self.cells = AtomicRows(rows: cells, columns: 1)
    }

    /// Adds to the cell of the calling thread or loop. Any number is a valid cell.
    @inlinable
    package func add(_ count: UInt64 = 1, cell: Int = 0) {
        cells.add(count, row: cell, column: 0)
    }

    package var value: UInt64 { cells.total(column: 0) }
}
