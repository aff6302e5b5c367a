import Wire

/// Addresses of other servers: one that is taken is spelled again as itself, and a fault names a byte
/// of the text, or its end.
let fuzzHTTPLocation: FuzzTarget = { bytes in
    do throws(HTTPLocationFault) {
        let location = try HTTPLocation(parsing: bytes.span)
        precondition(!location.host.isEmpty && location.port > 0, "a place that is nowhere")
        precondition(location.target.utf8.first == UInt8(ascii: "/"), "a target without a slash")
        let again = location.origin + location.target
        do throws(HTTPLocationFault) {
            let second = try HTTPLocation(again)
            precondition(second == location, "another place than was spelled")
        } catch {
            preconditionFailure("its own spelling is refused: \(error)")
        }
    } catch {
        precondition((0...bytes.count).contains(error.offset), "a fault outside the text")
    }
}
