/// What this process is among others.
package struct NodeSettings: SectionKeys {
    package static let all = NodeSettings()
    package static let name = "node"
    package static let purpose = "What this process is among others."

    package let name = Key(
        "node.name",
        .text(upTo: 63),
        default: "",
        because: "What logs, metrics and other nodes call this one. Empty means the host's name."
    )

    package let threads = Key(
        "node.threads",
        .whole(0...256),
        default: 0,
        because: "Event loops, each with a thread of its own. 0 means one for each core."
    )
}
