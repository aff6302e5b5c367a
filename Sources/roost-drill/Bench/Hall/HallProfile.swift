internal import Basics
internal import Glibc
internal import IO
internal import Media

/// What forwarding does, counted by valgrind's callgrind while `roost-drill hall` does it: instructions, which
/// no busy machine changes, and calls of what the packet path must never call.
enum HallProfile {
    static func screen(viewers: Int) -> MediaHall.Seating {
        MediaHall.Seating(people: viewers + 1, screens: 1)
    }

    static func voice(listeners: Int) -> MediaHall.Seating {
        MediaHall.Seating(people: listeners + 1, voices: 1)
    }

    static func pairs(_ calls: Int) -> MediaHall.Seating {
        MediaHall.Seating(calls: calls, people: 2, voices: 2)
    }

    /// The verb by which the tool calls itself.
    static let verb = "hall"

    /// Forwards for a virtual second as much as is asked for, and says how many packets went out.
    static func run(_ arguments: [String]) throws {
        guard arguments.count == 2, let kind = Kind(rawValue: arguments[0]),
            let pace = Int(arguments[1]), 1...8 ~= pace
        else {
            throw DrillFault(
                "a hall is for a screen, a voice or a pair, and a pace of 1 to 8",
                code: 2
            )
        }
        var hall = try MediaHall(kind.seating(pace))
        try hall.open()
        hall.run(for: .seconds(1))
        Terminal.say("packets \(hall.counts.packetsOut)")
    }

    /// Counts what one more packet to one viewer costs, from the bytes of what comes to those of what goes:
    /// all that a board does in ``Switchboard/receive(_:count:from:at:into:)`` with what people send, and in
    /// passing it on. What is due by the clock, such as reports and the choice of layers, is not in it.
    static func count(into book: inout FigureBook) throws {
        for kind in Kind.allCases {
            let (slow, fast) = (try Self.count(kind, pace: 1), try Self.count(kind, pace: 4))
            let packets = Double(fast.packets - slow.packets)
            guard packets > 0 else { throw DrillFault("a faster \(kind) had no more packets") }
            func add(
                _ name: String,
                _ limit: Double,
                _ isMeant: (CallgrindProfile.Function) -> Bool
            ) {
                let more =
                    fast.profile.instructions(where: isMeant)
                    - slow.profile.instructions(where: isMeant)
                book.add("media_\(kind)_\(name)", Double(more) / packets, "", .atMost(limit))
            }
            add("instructions", kind.limit) { !$0.isCipher }
            // One in a thousand packets that did any of it would be above these.
            add("allocating", 0.1) { allocating.contains($0.name) }
            add("retaining", 0.1) { retaining.contains($0.name) }
            add("checking_access", 0.1) { checking.contains($0.name) }
        }
    }

    private enum Kind: String, CaseIterable {
        case screen
        case voice
        case pair
        /// A screen whose viewers are on two boards.
        case mirror

        func seating(_ pace: Int) -> MediaHall.Seating {
            var seating =
                switch self {
                case .screen: HallProfile.screen(viewers: 20)
                case .voice: HallProfile.voice(listeners: 20)
                case .pair: HallProfile.pairs(10)
                case .mirror: HallProfile.screen(viewers: 20)
                }
            seating.isSpread = self == .mirror
            seating.pace = pace
            return seating
        }

        /// Of all code but the ciphers, for a packet to one viewer; of a pair, for it to come as well.
        var limit: Double {
            switch self {
            case .screen: 1_200
            case .mirror: 1_250
            case .voice: 600
            case .pair: 4_000
            }
        }
    }

    private static let allocating: Set = [
        "malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "free",
    ]
    private static let retaining: Set = [
        "swift_retain", "swift_release", "swift_bridgeObjectRetain", "swift_bridgeObjectRelease",
        "swift_retain_n", "swift_release_n",
    ]
    private static let checking: Set = ["swift_beginAccess", "swift_endAccess"]

    private static func count(
        _ kind: Kind,
        pace: Int
    ) throws -> (profile: CallgrindProfile, packets: Int) {
        // Debian's valgrind does not read the debugging data that Swift writes. The names stay.
        let tool = try Workbench.path("roost-drill")
        let strip = try Child(
            "strip",
            ["--strip-debug", "-o", tool, try Workbench.neighbour("roost-drill")],
            name: "strip"
        )
        guard strip.wait() == 0 else {
            throw DrillFault("strip (Debian's binutils) failed: \(try strip.said())")
        }
        let path = try Workbench.path("callgrind-\(kind)-\(pace)")
        let child = try Child(
            "valgrind",
            [
                "--tool=callgrind", "--callgrind-out-file=\(path)", "--compress-strings=no",
                "--compress-pos=no", "--toggle-collect=*MediaHall*forward*",
                "--toggle-collect=*Switchboard*passOn*", tool, verb,
                kind.rawValue, "\(pace)",
            ],
            name: "callgrind"
        )
        let code = child.wait()
        let said = try child.said()
        guard code == 0,
            let line = said.split(separator: "\n").first(where: { $0.hasPrefix("packets ") }),
            let packets = Int(line.dropFirst(8))
        else {
            throw DrillFault("valgrind could not watch a \(kind) (exit code \(code)): \(said)")
        }
        let text = String(decoding: try FileContent.read(path), as: UTF8.self)
        guard let profile = CallgrindProfile(text), profile.instructions > 0 else {
            throw DrillFault("valgrind saw nothing of a \(kind)'s forwarding: \(text.prefix(400))")
        }
        return (profile, packets)
    }
}

extension CallgrindProfile.Function {
    /// Under valgrind they are not those that the processor would run.
    fileprivate var isCipher: Bool {
        object.contains("libIPSec_MB") || object.contains("libcrypto")
    }
}
