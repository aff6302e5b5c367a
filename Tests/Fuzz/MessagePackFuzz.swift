import Wire

/// What is read can be written and read again as the same, in no more bytes; what isn't breaks a rule
/// inside the bytes.
let fuzzMessagePack: FuzzTarget = { bytes in
    do throws(MessagePackFault) {
        let value = try MessagePackValue(parsing: bytes.span)
        var packed: [UInt8] = []
        value.write(into: &packed)
        precondition(packed.count <= 2 * bytes.count, "its shortest form is longer")
        guard let again = try? MessagePackValue(parsing: packed.span) else {
            fatalError("its own bytes are refused: \(value)")
        }
        var repacked: [UInt8] = []
        again.write(into: &repacked)
        precondition(repacked == packed, "it comes back changed")
    } catch {
        precondition((0...bytes.count).contains(error.offset), "a fault beyond the end")
    }
}
