import Foundation
import Testing

/// The rules of the house that the compiler can't check. Each failure says what to do instead.
@Suite struct `The house` {
    /// Rooms that may not know where they are running, and what they may import.
    static let quietRooms: [(room: String, imports: Set<String>)] = [
        ("Basics", ["Synchronization"]),
        ("Crypto", ["Basics", "COpenSSL", "CIPSec"]),
        ("Wire", ["Basics", "CZlib"]),
        ("Identity", ["Basics", "Crypto", "Wire"]),
        ("Settings", ["Basics", "Wire"]),
        ("Media", ["Basics", "Crypto"]),
        ("Callers", ["Basics", "Crypto", "Media"]),
        ("Calls", ["Basics", "Wire"]),
        ("Coordination", ["Basics"]),
        ("Rehearsal", ["Basics", "Coordination"]),
    ]

    @Test(arguments: quietRooms)
    func `keeps its quiet rooms quiet`(room: String, imports: Set<String>) throws {
        let noises: [(Regex<Substring>, advice: String)] = [
            (/ContinuousClock|SuspendingClock/, "reads a clock; take an Instant"),
            (/SystemRandomNumberGenerator|\.random\(in: [^,)]*\)/, "rolls dice; take a generator"),
            (/\b(?:Task|Task\.detached) *[{(]|\bactor [A-Z]/, "has its own life; return an Action"),
            (/\bprint\(/, "talks to the terminal; return an Action"),
        ]
        for line in try lines(of: room) {
            if let name = line.text.firstMatch(of: Self.importOf)?.1 {
                #expect(imports.contains(String(name)), "\(line.place) may not import \(name)")
            }
            for (noise, advice) in noises where !line.isComment && line.text.contains(noise) {
                Issue.record("\(line.place) \(advice)")
            }
        }
    }

    @Test func `has no room that opens Foundation's door`() throws {
        for line in try lines(of: "") {
            guard let name = line.text.firstMatch(of: Self.importOf)?.1 else { continue }
            #expect(
                !name.hasPrefix("Foundation"),
                "\(line.place) imports \(name), which doubles the binary; Basics has what is needed"
            )
        }
    }

    @Test func `has a plate at the door of every room`() throws {
        for room in try FileManager.default.contentsOfDirectory(atPath: sources.path) {
            let folder = sources.appending(path: room)
            let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            guard files.contains(where: { $0.hasSuffix(".swift") }) else { continue }  // the cellar
            let plate = folder.appending(path: "\(room).docc/\(room).md")
            #expect(
                FileManager.default.fileExists(atPath: plate.path),
                "\(room) has no plate; write Sources/\(room)/\(room).docc/\(room).md"
            )
        }
    }

    @Test func `has no file too long for one sitting`() throws {
        for (file, lines) in try Dictionary(grouping: lines(of: ""), by: \.file) {
            let advice = "give its second idea its own file"
            #expect(lines.count <= 600, "\(file) has \(lines.count) lines; \(advice)")
        }
    }

    @Test func `marks its doors package, since nobody outside uses them`() throws {
        for line in try lines(of: "") where !line.isComment {
            let isPublic = line.text.contains(/^ *(?:public|open) +[a-z@]+ +\w/)
            #expect(!isPublic, "\(line.place) is public; say package")
        }
    }

    @Test func `calls nothing by a name that says nothing`() throws {
        let names = /\b(?:struct|class|enum|actor|protocol) \w*(?:Manager|Helper|Util|Impl|Info)\b/
        for line in try lines(of: "") where !line.isComment && line.text.contains(names) {
            Issue.record("\(line.place) names a type for nothing; say what it is")
        }
    }

    @Test func `leaves nothing for later`() throws {
        for line in try lines(of: "") where line.text.contains(/\b(?:TODO|FIXME|XXX)\b/) {
            Issue.record("\(line.place) puts off work; finish it or leave it out")
        }
    }

    private static var importOf: Regex<(Substring, Substring)> {
        /^ *(?:package |internal |private )?import (?:(?:struct|class|func|enum|protocol) )?(\w+)/
    }

    private struct Line {
        var file: String
        var number: Int
        var text: String

        var place: String { "\(file):\(number)" }
        var isComment: Bool { text.drop { $0 == " " }.hasPrefix("//") }
    }

    private func lines(of room: String) throws -> [Line] {
        let folder = sources.appending(path: room)
        return try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            .filter { $0.hasSuffix(".swift") }
            .flatMap { path in
                let text = try String(contentsOf: folder.appending(path: path), encoding: .utf8)
                let file = room.isEmpty ? path : "\(room)/\(path)"
                return text.split(separator: "\n", omittingEmptySubsequences: false)
                    .enumerated().map {
                        Line(file: file, number: $0.offset + 1, text: String($0.element))
                    }
            }
    }

    private var sources: URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Sources")
            .standardizedFileURL
    }
}
