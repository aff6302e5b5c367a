/// A document's tables while they can still grow.
///
/// TOML may add to a table from many places, so tables live side by side in one list and refer to
/// each other by place; that way each line costs the length of its own key, however large the
/// document has become. ``Table/Maker`` remembers who made a table, which decides who may add to it.
struct TOMLTree {
    struct Key {
        var name: String
        var position: TOMLPosition
    }

    private struct Table {
        enum Maker: Equatable {
            /// Came to be because a header named something below it; its own header may still come.
            case longerHeader
            case header
            /// Made by dotted keys below the header with this number.
            case dottedKey(section: Int)
        }

        var maker: Maker
        var position: TOMLPosition
        var entries: [(key: Key, slot: Slot)] = []
        var places: [String: Int] = [:]
    }

    private enum Slot {
        case value(TOMLValue)
        case table(Int)
        case arrayOfTables([Int])
    }

    private var tables = [Table(maker: .header, position: TOMLPosition(line: 1, column: 1))]
    private var current = 0
    private var section = 0

    /// Makes `[path]` the table that following keys go into.
    mutating func open(_ path: [Key]) throws(TOMLFault) {
        let (parent, key) = try parent(of: path)
        section += 1
        guard let place = tables[parent].places[key.name] else {
            current = add(key, .header, to: parent)
            return
        }
        guard case .table(let table) = tables[parent].entries[place].slot else {
            throw TOMLFault(position: key.position, rule: .notTable(Self.text(path)))
        }
        guard tables[table].maker == .longerHeader else {
            throw TOMLFault(position: key.position, rule: .duplicateTable(Self.text(path)))
        }
        tables[table].maker = .header
        tables[table].position = key.position
        current = table
    }

    /// Adds a table to the list `[[path]]` for following keys to go into.
    mutating func openElement(_ path: [Key]) throws(TOMLFault) {
        let (parent, key) = try parent(of: path)
        section += 1
        let element = tables.count
        if let place = tables[parent].places[key.name] {
            guard case .arrayOfTables(var elements) = tables[parent].entries[place].slot else {
                throw TOMLFault(position: key.position, rule: .notArrayOfTables(Self.text(path)))
            }
            // Emptied first, so that the list is not copied for being held twice.
            tables[parent].entries[place].slot = .arrayOfTables([])
            elements.append(element)
            tables[parent].entries[place].slot = .arrayOfTables(elements)
        } else {
            insert(key, .arrayOfTables([element]), into: parent)
        }
        tables.append(Table(maker: .header, position: key.position))
        current = element
    }

    /// Keys that follow a faulty header go nowhere that matters.
    mutating func openNowhere() {
        section += 1
        tables.append(Table(maker: .header, position: tables[0].position))
        current = tables.count - 1
    }

    mutating func set(_ path: [Key], to value: TOMLValue) throws(TOMLFault) {
        var table = current
        for key in path.dropLast() {
            guard let place = tables[table].places[key.name] else {
                table = add(key, .dottedKey(section: section), to: table)
                continue
            }
            guard case .table(let next) = tables[table].entries[place].slot,
                tables[next].maker != .header
            else { throw TOMLFault(position: key.position, rule: .notTable(Self.text([key]))) }
            // What a longer header has only named may be defined here, by whoever comes first.
            let maker = Table.Maker.dottedKey(section: section)
            if tables[next].maker == .longerHeader { tables[next].maker = maker }
            guard tables[next].maker == maker else {
                throw TOMLFault(position: key.position, rule: .notTable(Self.text([key])))
            }
            table = next
        }
        guard let key = path.last else { return }
        guard tables[table].places[key.name] == nil else {
            throw TOMLFault(position: key.position, rule: .duplicateKey(Self.text(path)))
        }
        insert(key, .value(value), into: table)
    }

    var root: TOMLTable { frozen(0) }

    /// The name of a path as one would write it, for people.
    private static func text(_ path: [Key]) -> String {
        path.map { $0.name.printable(upTo: 64) }.joined(separator: ".")
    }

    /// The table that holds the last key of a header's path, through the newest element of lists.
    private mutating func parent(of path: [Key]) throws(TOMLFault) -> (table: Int, key: Key) {
        var table = 0
        for key in path.dropLast() {
            guard let place = tables[table].places[key.name] else {
                table = add(key, .longerHeader, to: table)
                continue
            }
            switch tables[table].entries[place].slot {
            case .table(let next): table = next
            case .arrayOfTables(let elements): table = elements.last ?? table
            case .value:
                throw TOMLFault(position: key.position, rule: .notTable(Self.text([key])))
            }
        }
        guard let key = path.last else { preconditionFailure("a header has at least one key") }
        return (table, key)
    }

    private mutating func add(_ key: Key, _ maker: Table.Maker, to parent: Int) -> Int {
        insert(key, .table(tables.count), into: parent)
        tables.append(Table(maker: maker, position: key.position))
        return tables.count - 1
    }

    private mutating func insert(_ key: Key, _ slot: Slot, into table: Int) {
        tables[table].places[key.name] = tables[table].entries.count
        tables[table].entries.append((key, slot))
    }

    private func frozen(_ table: Int) -> TOMLTable {
        TOMLTable(
            unique: tables[table].entries.map { key, slot in
                let value =
                    switch slot {
                    case .value(let value): value
                    case .table(let table): frozenValue(table)
                    case .arrayOfTables(let elements):
                        TOMLValue(.array(elements.map(frozenValue)), at: key.position)
                    }
                return TOMLTable.Entry(key: key.name, position: key.position, value: value)
            }
        )
    }

    private func frozenValue(_ table: Int) -> TOMLValue {
        TOMLValue(.table(frozen(table)), at: tables[table].position)
    }
}
