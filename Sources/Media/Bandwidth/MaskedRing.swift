/// A power of two of plain values, in memory of their own.
///
/// An index is taken modulo that power, so that none is out of bounds whatever a peer sent. Allocated
/// once; nobody else sees the memory, which makes the unsafe pointer safe and the ring sendable.
@safe struct MaskedRing<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
    private let memory: UnsafeMutablePointer<Element>
    let count: Int

    init(count: Int, repeating value: Element) {
        precondition(count > 0 && count & (count - 1) == 0, "a ring has a power of two of places")
        self.count = count
        unsafe memory = .allocate(capacity: count)
        unsafe memory.initialize(repeating: value, count: count)
    }

    deinit {
        unsafe memory.deallocate()
    }

    subscript(index: Int) -> Element {
        @inline(__always) get { unsafe memory[index & (count &- 1)] }
        @inline(__always) _modify { yield &(unsafe memory[index & (count &- 1)]) }
    }
}
