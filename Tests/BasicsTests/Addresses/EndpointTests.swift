import Basics
import Testing

@Suite struct `A host and port` {
    static let texts: [(text: String, host: String, port: UInt16)] = [
        ("10.0.0.5:8046", "10.0.0.5", 8_046),
        ("node-1.internal:1", "node-1.internal", 1),
        ("[fd00::5]:8046", "fd00::5", 8_046),
        ("fd00::5", "fd00::5", 7),
        ("node", "node", 7),
    ]

    @Test(arguments: texts)
    func `is read as people write it`(text: String, host: String, port: UInt16) throws {
        let endpoint = try #require(Endpoint(text, usualPort: 7))
        #expect(endpoint == Endpoint(host: host, port: port))
        #expect(Endpoint(endpoint.description) == endpoint)
    }

    static let others = [
        "", ":8046", "node", "node:0", "node:65536", "no de:1", "a/b:1", "[fd00::5", "[]:1",
        "user@node:1", String(repeating: "a", count: 254) + ":1",
    ]

    @Test(arguments: others)
    func `is nothing else`(text: String) {
        #expect(Endpoint(text) == nil)
    }
}
