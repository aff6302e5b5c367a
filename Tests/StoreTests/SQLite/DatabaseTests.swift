import Basics
import Store
import Testing

@Suite struct `A database` {
    private let database: Database

    init() throws {
        database = try Database(file: ":memory:")
        try database.script("CREATE TABLE a (x ANY) STRICT")
    }

    @Test(arguments: [
        (SQLValue.null, "null"), (.integer(.min), "integer"), (.text(""), "text"),
        (.text("a\u{0}b"), "text"), (.blob([]), "blob"), (.blob([0, 255]), "blob"),
        (.time(WallTime(milliseconds: -1)), "integer"), (.bool(nil), "null"),
    ])
    func `keeps a value and its type`(value: SQLValue, type: String) throws {
        try database.change("INSERT INTO a VALUES (?)", value)
        #expect(try database.text("SELECT typeof(x) FROM a") == type)
        try database.change("DELETE FROM a WHERE x IS ?", value)
        #expect(try database.number("SELECT count(*) FROM a") == 0)
    }

    @Test func `undoes a transaction that throws, and can begin another`() throws {
        #expect(throws: StoreFault.self) {
            try database.transaction { () throws(StoreFault) in
                try database.change("INSERT INTO a VALUES (?)", .integer(1))
                throw StoreFault("no")
            }
        }
        #expect(!database.isInTransaction)
        try database.transaction { () throws(StoreFault) in
            try database.change("INSERT INTO a VALUES (?)", .integer(2))
        }
        #expect(try database.text("SELECT group_concat(x) FROM a") == "2")
    }

    @Test func `uses a statement again after it has failed`() throws {
        try database.script("CREATE TABLE b (x INTEGER CHECK (x > 0)) STRICT")
        let insert = "INSERT INTO b VALUES (?)"
        let fault = #expect(throws: StoreFault.self) { try database.change(insert, .integer(-1)) }
        #expect(fault?.reason == .refused)
        #expect(try database.change(insert, .integer(1)) == 1)
    }

    @Test func `says what is wrong with a statement`() {
        let fault = #expect(throws: StoreFault.self) { try database.change("SELEKT 1") }
        #expect(fault?.description.contains("syntax error") == true)
        #expect(throws: StoreFault.self) { try database.change("") }
    }
}
