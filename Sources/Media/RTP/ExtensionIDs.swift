/// Under which numbers header extensions travel in one media section (RFC 8285). 0: not agreed.
package struct ExtensionIDs: Hashable, Sendable, BitwiseCopyable {
    /// RFC 6464.
    package var audioLevel: UInt8 = 0
    /// draft-holmer-rmcat-transport-wide-cc-extensions-01.
    package var transportCC: UInt8 = 0
    /// RFC 9143.
    package var mid: UInt8 = 0
    /// RFC 8852.
    package var rid: UInt8 = 0
    package var repairedRID: UInt8 = 0
    /// AV1 RTP specification, appendix A.
    package var dependencyDescriptor: UInt8 = 0

    package init() {}
}
