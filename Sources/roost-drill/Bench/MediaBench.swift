internal import Basics
internal import Crypto
internal import Glibc
internal import IO
internal import Media

/// Where the time of a forwarded packet goes, stage by stage and without sockets or strangers in between.
///
///     demultiplex ─▶ unprotect ─▶ rewrite ─▶ protect ─▶ send
///     ╰──── once a packet that comes ────╯ ╰─ for each viewer ─╯
///
/// `media_forward` is all of them but the sending, as a board does them for a hundred viewers who report
/// on what they get; what is neither the cipher's nor the demultiplexing is counted as rewriting.
enum MediaBench: Bench {
    static let name = "media"
    static let summary =
        "a packet's stages, a join's own work, what forwarding allocates and counts"

    static func run(_ terms: BenchTerms, into book: inout FigureBook) async throws {
        let rounds = terms.isQuick ? 100 : 1_000
        let screen = try PacketStages.cipher(.aeadAES128GCM, payload: 1_164, rounds: rounds)
        let voice = try PacketStages.cipher(.aeadAES128GCM, payload: 120, rounds: rounds)
        let counter = try PacketStages.cipher(.aes128CMHMACSHA1_80, payload: 1_164, rounds: rounds)
        book.add("media_unprotect", screen.unprotect, "ns")
        book.add("media_protect", screen.protect, "ns")
        book.add("media_protect_sound", voice.protect, "ns")
        book.add("media_protect_cm", counter.protect, "ns")
        let run = try PacketStages.sending(size: 1_200, run: 5, rounds: rounds / 2)
        let single = try PacketStages.sending(size: 160, run: 1, rounds: rounds / 2)
        book.add("media_send", run, "ns")
        book.add("media_send_sound", single, "ns")

        let seconds = terms.isQuick ? 1 : 4
        var hall = try MediaHall(HallProfile.screen(viewers: 100))
        try hall.open()
        let joins = hall.times
        book.add(
            "media_join",
            (joins.answering + joins.planning) / .microseconds(1) / Double(hall.count),
            "us"
        )
        let shown = try measure(&hall, seconds: seconds)
        book.add("media_demultiplex", hall.refusing(times: rounds * 100), "ns")
        book.add("media_forward", shown.forward, "ns")
        book.add("media_rewrite", shown.forward - screen.protect, "ns")
        book.add("media_answer", shown.answer, "ns")

        var seating = HallProfile.screen(viewers: 100)
        seating.isSpread = true
        var wings = try MediaHall(seating)
        try wings.open()
        let spread = try measure(&wings, seconds: seconds)
        book.add("media_forward_mirrored", spread.forward, "ns")

        var room = try MediaHall(HallProfile.voice(listeners: 100))
        try room.open()
        let heard = try measure(&room, seconds: seconds * 2)
        book.add("media_forward_sound", heard.forward, "ns")
        book.add("media_rewrite_sound", heard.forward - voice.protect, "ns")

        var pairs = try MediaHall(HallProfile.pairs(50))
        try pairs.open()
        let talked = try measure(&pairs, seconds: seconds * 2)
        book.add("media_forward_pair", talked.forward, "ns")

        try HallProfile.count(into: &book)
    }

    /// Nanoseconds for each packet that goes out: of the turns that bring media, and of all else.
    private static func measure(
        _ hall: inout MediaHall,
        seconds: Int
    ) throws -> (forward: Double, answer: Double) {
        hall.forgetTimes()
        let before = hall.counts.packetsOut
        hall.run(for: .seconds(seconds))
        let packets = hall.counts.packetsOut - before
        guard packets > 1_000 else { throw DrillFault("only \(packets) packets were forwarded") }
        return (
            forward: hall.times.forwarding / .nanoseconds(1) / Double(packets),
            answer: hall.times.answering / .nanoseconds(1) / Double(packets)
        )
    }
}
