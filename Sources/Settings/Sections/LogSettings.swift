package import Basics

/// What is written down, and where.
package struct LogSettings: SectionKeys {
    package static let all = LogSettings()
    package static let name = "log"
    package static let purpose = "What is written down, and where."

    package enum Format: String, CaseIterable, Sendable {
        case auto
        case human
        case json
    }

    package let level = Key(
        "log.level",
        .level,
        default: LogLevel.info,
        isReloadable: true,
        because: "The least that is written down."
    )

    package let levels = Key(
        "log.levels",
        .levels,
        default: [:],
        isReloadable: true,
        because: "Levels for single rooms, such as { http = \"debug\" }; in the environment "
            + "http=debug,store=info."
    )

    package let format = Key(
        "log.format",
        .choice,
        default: Format.auto,
        because: "\"auto\" is \"human\" on a terminal and \"json\" elsewhere."
    )

    package let file = Key(
        "log.file",
        .file,
        default: "",
        because: "Where to write instead of to standard error."
    )

    package let fileBytes = Key(
        "log.file_bytes",
        .size(64 << 10...1 << 40),
        default: 100 << 20,
        because: "How large the file may grow before the next one is begun."
    )

    package let fileKeep = Key(
        "log.file_keep",
        .whole(0...1_000),
        default: 5,
        because: "How many older files to keep."
    )
}
