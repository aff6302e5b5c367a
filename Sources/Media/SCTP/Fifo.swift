/// A line in which the first to come is the first to leave.
///
/// An array whose head wanders; what has left is cleared away when it is half of the whole, so that
/// leaving costs a constant on average and no more is held for the gone than for those who stay. An
/// empty line that was long gives its memory back.
struct Fifo<Element> {
    private var places: [Element] = []
    private var head = 0

    init() {}

    var count: Int { places.count - head }
    var isEmpty: Bool { places.count == head }
    var first: Element? { isEmpty ? nil : places[head] }

    subscript(index: Int) -> Element {
        get { places[head + index] }
        _modify { yield &places[head + index] }
    }

    mutating func append(_ element: Element) {
        places.append(element)
    }

    mutating func removeFirst(_ count: Int = 1) {
        precondition(count <= self.count, "only who stands in line can leave it")
        head += count
        if head == places.count {
            removeAll()
        } else if head * 2 >= places.count {
            places.removeFirst(head)
            head = 0
        }
    }

    mutating func popFirst() -> Element? {
        guard let first else { return nil }
        removeFirst()
        return first
    }

    mutating func removeAll() {
        places.removeAll(keepingCapacity: places.capacity <= 8)
        head = 0
    }

    mutating func removeAll(from start: Int = 0, where isOut: (Element) -> Bool) {
        guard head + start < places.count else { return }
        let kept = places[(head + start)...].filter { !isOut($0) }
        places.replaceSubrange((head + start)..., with: kept)
    }
}
