import Foundation
import Media

/// The descriptions that browsers and others really sent; see Tests/Fixtures.
enum SDPFixtures {
    private static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().appending(path: "../../Fixtures/SDP")

    static func text(_ name: String) throws -> String {
        let bytes = try Data(contentsOf: folder.appending(path: "\(name).sdp"))
        return String(decoding: bytes, as: UTF8.self)
    }

    static func description(_ name: String) throws -> SessionDescription {
        try SessionDescription(text(name))
    }

    static let names: [String] = {
        let files = try? FileManager.default.contentsOfDirectory(atPath: folder.path())
        // An empty list fails the test that counts them.
        return (files ?? []).compactMap { $0.hasSuffix(".sdp") ? String($0.dropLast(4)) : nil }
            .sorted()
    }()
}
