internal import IO

/// Why a node can't start, or can't take new settings, and what to do about it.
package struct NodeFault: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) {
        self.description = description
    }

    /// Reads a file that a setting names.
    static func reading(_ path: String, for setting: String) throws(NodeFault) -> [UInt8] {
        do throws(SystemFault) {
            return try FileContent.read(path)
        } catch {
            throw NodeFault("\(setting): \(error); correct the path, or let this user read it")
        }
    }

    /// Reads a secret, without the line feed that editors put at the end.
    static func readingSecret(_ path: String, for setting: String) throws(NodeFault) -> [UInt8] {
        var bytes = try reading(path, for: setting)
        while bytes.last == UInt8(ascii: "\n") || bytes.last == UInt8(ascii: "\r") {
            bytes.removeLast()
        }
        return bytes
    }
}
