import Basics
import Wire

/// Claims: a header is no longer than what came nor than the longest; with fewer bytes the verdict
/// is the same or still open; what is named survives being written in the other version.
let fuzzProxyHeader: FuzzTarget = { bytes in
    let verdict = ProxyHeader(parsing: bytes.span)
    let last = Int(bytes.last ?? 0)
    for count in [last, bytes.count / 2, bytes.count - 1] where (0..<bytes.count).contains(count) {
        let early = ProxyHeader(parsing: bytes.span.extracting(0..<count))
        precondition(early == .needsMore || early == verdict)
    }
    switch verdict {
    case .needsMore:
        precondition(bytes.count < ProxyHeader.mostBytes)
    case .local(let count):
        precondition(count <= bytes.count && count <= ProxyHeader.mostBytes)
    case .refused(_, let offset):
        precondition(offset <= bytes.count)
    case .relayed(let source, let destination, let count):
        precondition(count <= bytes.count && count <= ProxyHeader.mostBytes)
        guard source.ip.family == destination.ip.family else { return }
        let family = source.ip.family == .v4 ? "TCP4" : "TCP6"
        let ends = "\(source.ip) \(destination.ip) \(source.port) \(destination.port)"
        let line = Array("PROXY \(family) \(ends)\r\n".utf8)
        precondition(
            ProxyHeader(parsing: line.span)
                == .relayed(source: source, destination: destination, count: line.count)
        )
    }
}
