/// How long a ``RedisClient`` or a ``RedisSubscriber`` waits, and how much it holds.
package struct RedisRules: Sendable {
    /// From asking to the answer, the wait for a connection included, unless the asker says otherwise.
    package var answerTimeout = Duration.milliseconds(300)
    /// From a name to a greeted connection, all addresses together.
    package var connectTimeout = Duration.seconds(1)
    /// A server that owes an answer this long is taken for lost, and connected to anew.
    package var silenceLimit = Duration.seconds(1)
    /// A connection on which nothing is asked is asked whether it lives, this often.
    package var heartbeat = Duration.seconds(5)
    /// The pause before the second attempt; it doubles, and each is drawn between its half and itself.
    package var firstPause = Duration.milliseconds(50)
    package var longestPause = Duration.seconds(1)
    /// Commands that wait, be it for a connection or for their answer.
    package var commands = 16_384
    /// Bytes of commands that have not left.
    package var bytes = 16 << 20
    /// The largest answer.
    package var answerBytes = 16 << 20
    /// Under which the server lists the connection (`CLIENT SETNAME`).
    package var name = "roost"
    /// How often all sentinels are asked who the master is. Nil asks them only for a new connection;
    /// news of a switch comes by itself.
    package var confirmEvery: Duration?

    package init() {}
}
