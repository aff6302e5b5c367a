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
            + "be on a local disk: locks don't hold on most network file systems. In a cluster "
            + "everything lies in Redis instead."
    )

    package let historyDays = Key(
        "store.history_days",
        .whole(0...36_500),
        default: 400,
        isReloadable: true,
        because: "Days for which it is remembered which calls there were and who was in them. 0 "
            + "means for ever, and a store that only grows: about 3 KB a call of ten."
    )
}
