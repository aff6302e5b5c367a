import Basics
import Testing
import Wire

@Suite struct `Packed values` {
    private func echo<Value: Packable & Equatable>(_ value: Value) throws -> Bool {
        try Value(packed: value.packed) == value
    }

    @Test func `come out as they went in`() throws {
        #expect(try echo(true) && echo(false))
        for number in [0, 1, 127, 128, 300, 1 << 32, UInt64.max] { #expect(try echo(number)) }
        for number in [0, -1, 63, -64, 64, Int64.min, Int64.max] { #expect(try echo(number)) }
        for number in [0.0, -1.5, .infinity, .leastNonzeroMagnitude] { #expect(try echo(number)) }
        #expect(try echo("") && echo("déjà vu") && echo(String(repeating: "x", count: 70_000)))
        #expect(try echo([UInt8](0...255)) && echo([1, 2, 3]) && echo([String]()))
        #expect(try echo(String?.none) && echo(String?.some("a")))
    }

    @Test func `of a later version are read by an older one`() throws {
        var writer = PackWriter()
        writer.record { record in
            record.write("known")
            record.write(UInt64(7))
        }
        writer.write("after")
        var reader = PackReader(writer.bytes)
        let known = try reader.record { (record) throws(PackFault) in
            try record.read(String.self)
        }
        #expect(known == "known")
        #expect(try reader.read(String.self) == "after")
    }

    @Test func `that are cut short or wrong are faults`() {
        let bad: [(PackFault, [UInt8])] = [
            (.cutShort, []), (.cutShort, [5, 1, 2]), (.badText, [2, 0xFF, 0xFE]),
            (.badNumber, [0x80, 0]), (.badNumber, [UInt8](repeating: 0xFF, count: 11)),
            (.cutShort, [0xFF, 0xFF, 0xFF, 0xFF, 0x0F]),
        ]
        for (fault, bytes) in bad {
            #expect(throws: fault) { try String(packed: bytes) }
        }
        #expect(throws: PackFault.tooMany(limit: PackReader.listLimit)) {
            try [String](packed: [0xFF, 0xFF, 0xFF, 0x0F])
        }
        #expect(throws: PackFault.cutShort) { try [String](packed: [10, 0]) }
    }
}
