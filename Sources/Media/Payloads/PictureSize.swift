/// How large a picture is, in pixels.
package struct PictureSize: Hashable, BitwiseCopyable, Sendable, CustomStringConvertible {
    package var width: UInt16
    package var height: UInt16

    package init(width: UInt16, height: UInt16) {
        self.width = width
        self.height = height
    }

    /// What a stream says of itself. Nil if no picture can be so: without a pixel, or with more than
    /// 65,535 in a row.
    init?(_ width: some BinaryInteger, _ height: some BinaryInteger) {
        guard let width = UInt16(exactly: width), let height = UInt16(exactly: height) else {
            return nil
        }
        guard width > 0, height > 0 else { return nil }
        self.init(width: width, height: height)
    }

    package var description: String { "\(width)x\(height)" }
}
