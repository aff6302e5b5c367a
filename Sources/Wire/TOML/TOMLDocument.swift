/// A TOML 1.0 document: all that could be read of it, and everything that could not.
///
/// After a fault, reading goes on at the next line, so that one look shows everything there is to
/// correct. Use `root` only if `faults` is empty, or to look for yet more faults in what it holds.
package struct TOMLDocument: Hashable, Sendable {
    package var root: TOMLTable
    package var faults: [TOMLFault]

    package init(parsing bytes: Span<UInt8>, limits: TOMLLimits = TOMLLimits()) {
        var parser = TOMLParser(bytes, limits: limits)
        parser.parse()
        root = parser.root
        faults = parser.faults
    }
}
