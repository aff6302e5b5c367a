import Basics
import Calls
import Testing
import Wire

@Suite struct `What nodes tell each other of calls` {
    private func echo<Value: Packable & Equatable>(_ value: Value) throws -> Bool {
        try Value(packed: value.packed) == value
    }

    private let person: PersonID
    private let participant: ParticipantID
    private let connection: ConnectionID
    private let channel: ChannelID
    private let call: CallID

    init() {
        var random = SeededRandom(seed: 1)
        person = PersonID(Identifier(using: &random))
        participant = ParticipantID(Identifier(using: &random))
        connection = ConnectionID(Identifier(using: &random))
        channel = ChannelID(Identifier(using: &random))
        call = CallID(Identifier(using: &random))
    }

    @Test func `every word arrives as it was said`() throws {
        let words: [Word] = [
            .leave, .mute, .unmute, .raiseHand, .lowerHand, .screenOn(stream: "s"), .screenOff,
            .videoOn(stream: ""), .videoOff, .description(MediaDescription(.offer, "v=0")),
            .description(MediaDescription(.answer, "")),
            .react(Reaction(name: "+1", unified: "1F44D", skin: nil, literal: "👍")),
            .caption(Caption(speaker: participant, text: "so", newAudio: 1.5)),
        ]
        for word in words { #expect(try echo(word)) }
    }

    @Test func `every order and answer arrives as it was given`() throws {
        let orders: [HostOrder] = [
            .makeHost(person), .mute(participant), .muteOthers, .stopScreen(participant),
            .lowerHand(participant), .remove(participant), .endForAll,
        ]
        for order in orders { #expect(try echo(order)) }
        let outcomes: [OrderOutcome] = [.done, .refused(.noCall), .refused(.notAllowed)]
        for outcome in outcomes { #expect(try echo(outcome)) }
        #expect(try echo(Authority(person: person, isAdmin: true)))
        #expect(try echo(Expulsion.loginEnded) && echo(CallEnding.byApp))
    }

    @Test func `who joins, comes back or is there arrives whole`() throws {
        #expect(
            try echo(
                Joiner(
                    connection: connection,
                    person: person,
                    isBot: true,
                    title: "t",
                    thread: "",
                    decodesAV1: true,
                    signalsOverChannel: false
                )
            )
        )
        #expect(
            try echo(
                Reconnect(
                    participant: participant,
                    connection: connection,
                    previous: connection,
                    person: person
                )
            )
        )
        let beginning = CallBeginning(
            call: call,
            channel: channel,
            owner: person,
            title: "Owls",
            thread: "x",
            started: WallTime(seconds: 1_700_000_000, nanoseconds: 999_999_999)
        )
        let here = CallPicture.Participant(
            id: participant,
            person: person,
            isMuted: false,
            handRaised: 12,
            hasVideo: true
        )
        let picture = CallPicture(
            beginning: beginning,
            participants: [here, here],
            sharer: participant,
            host: person,
            recording: JobPicture(kind: .recording, requested: 1, fault: "no"),
            isDismissedBy: person
        )
        #expect(try echo(picture))
        #expect(try echo(CallPicture(beginning: beginning, participants: [])))
    }

    @Test func `unknown kinds and broken ids are faults`() {
        #expect(throws: PackFault.self) { try Word(packed: [99]) }
        #expect(throws: PackFault.self) { try HostOrder(packed: [99]) }
        #expect(throws: PackFault.self) { try PersonID(packed: "short".packed) }
        #expect(throws: PackFault.self) { try OrderOutcome(packed: "something else".packed) }
    }
}
