import Testing

/// Suites whose clients block a thread while they wait. One test at a time, or they would take all the
/// threads that the tests share, and wait for each other.
@Suite(.serialized) struct `On loopback` {}
