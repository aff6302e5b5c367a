internal import Coordination
internal import Glibc
internal import Settings

extension NodeName {
    /// What the settings call this node, or the machine's name where they say nothing. What can't stand
    /// in a node's name is left out.
    static func own(_ settings: Settings) -> NodeName {
        let text = settings.node.name.isEmpty ? hostName : settings.node.name
        let allowed = String(
            text.lazy.filter { NodeName(String($0)) != nil }.prefix(NodeName.limit)
        )
        return NodeName(allowed) ?? any
    }

    /// Any name, where one is asked for and none matters.
    static let any: NodeName = {
        guard let name = NodeName("roost") else {
            preconditionFailure("roost is a node's name")
        }
        return name
    }()

    private static var hostName: String {
        var bytes = [CChar](repeating: 0, count: 256)
        guard unsafe gethostname(&bytes, bytes.count - 1) == 0 else { return "" }
        return String(
            decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
            as: UTF8.self
        )
    }
}
