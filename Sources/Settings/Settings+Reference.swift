/// The text of `cluster/config/roost.toml`: every setting, its default and its reason, in place.
extension Settings {
    package static var reference: String {
        var text = """
            # Roost's settings: every one, its default, and why it is so.
            #
            # A line that begins with # and no space is a default; take the # away to change it.
            # The environment wins over this file: http.listen is ROOST_HTTP_LISTEN, lists have
            # commas. Settings the Mattermost Calls plugin has are found by its MM_CALLS_ names too.
            # `roost config` shows what counts and where it came from, `roost config check` what is
            # wrong. SIGHUP makes changes count where it says "reloads", a restart elsewhere.

            """
        for section in sections {
            text += "\n" + comment(section.purpose) + "[\(section.name)]\n"
            for key in section.keys {
                text += "\n" + comment(key.reason) + comment(facts(of: key))
                text += "#\(key.name) = \(key.standardText)\n"
            }
        }
        return text
    }

    private static func facts(of key: any AnyKey) -> String {
        var facts = key.rule.prefix(1).uppercased() + key.rule.dropFirst() + "."
        if let name = key.pluginEnvironmentName { facts += " Also \(name)." }
        if key.isReloadable { facts += " Reloads." }
        return facts
    }

    /// The text in lines of at most 96 columns, each a comment.
    private static func comment(_ text: String) -> String {
        var lines: [String] = []
        var line = "#"
        for word in text.split(separator: " ") {
            if line.count + 1 + word.count > 96 {
                lines.append(line)
                line = "#"
            }
            line += " " + word
        }
        return (lines + [line]).joined(separator: "\n") + "\n"
    }
}
