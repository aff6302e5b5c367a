/// What outlives the process.
package struct StoreSettings: SectionKeys {
    package static let all = StoreSettings()
    package static let name = "store"
    package static let purpose = "What outlives the process."

    package let path = Key(
        "store.path",
        .file,
        default: "data/roost.db",
        because: "The database of a single node; created with its folder if it isn't there. Must "
            + "be on a local disk: locks don't hold on most network file systems."
    )
}
