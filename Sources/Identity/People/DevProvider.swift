internal import Basics

/// Lets anybody in under any name, for development: whoever types a name is that person.
///
/// Everybody may join, start and record in all channels, and "admin" is the administrator, who alone may
/// do what is the host's without being it. Not the first to come: who that was would change with every
/// restart. "calls" is the bot, as with the plugin. There is no password, so the shell offers this only on
/// a loopback address, or where somebody has written that insecure is what they want.
package struct DevProvider: Sendable {
    package static let administrator = "admin"
    package static let bot = "calls"
    private static let rights: ChannelRights = [.read, .join, .start, .record]

    package init() {}

    package func principal(named given: String) throws(PersonName.Fault) -> Principal {
        let name = try PersonName(given)
        let username = name.username
        return Principal(
            id: Identifier(naming: username, as: .person),
            username: username,
            displayName: name.text,
            isAdmin: username == Self.administrator,
            isBot: username == Self.bot,
            provider: .dev,
            rightsElsewhere: Self.rights
        )
    }
}
