internal import Basics
internal import Crypto

/// A Lua script, which Redis knows by its SHA-1 once it has seen it.
package struct RedisScript: Hashable, Sendable {
    package let text: [UInt8]
    package let sha1: String

    package init(_ text: [UInt8]) {
        self.text = text
        sha1 = Hex.encode(Digest.of(text.span, .sha1).span)
    }

    package init(_ text: String) {
        self.init([UInt8](text.utf8))
    }

    /// `EVALSHA`, or `EVAL` for a Redis that has never seen it, or has forgotten it.
    func command(
        _ keys: [String],
        _ arguments: [[UInt8]],
        isKnown: Bool
    ) -> RedisCommand {
        var command = RedisCommand(isKnown ? "EVALSHA" : "EVAL")
        if isKnown { command.append(sha1) } else { command.append(text) }
        command.append(keys.count)
        for key in keys { command.append(key) }
        for argument in arguments { command.append(argument) }
        return command
    }
}
