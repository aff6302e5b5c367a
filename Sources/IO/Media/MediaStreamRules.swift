/// How much patience and memory a TCP connection gets that carries media.
package struct MediaStreamRules: Hashable, Sendable {
    /// How long a new connection may take to say its first word, which is a STUN message.
    package var firstFrameWithin = Duration.seconds(5)
    /// How long it may take to be proved, by a STUN check that knows the password.
    package var provedWithin = Duration.seconds(15)
    /// How long a proved one may be silent. ICE asks for consent every few seconds.
    package var idleAfter = Duration.seconds(60)
    /// The largest packet taken, the same as over UDP.
    package var frameLimit = 2_048
    /// How many bytes may wait for a slow reader, beside what the kernel holds.
    package var queueLimit = 256 * 1024

    package init() {}
}
