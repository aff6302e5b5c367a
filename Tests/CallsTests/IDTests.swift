import Basics
import Calls
import Testing

@Suite struct `An id of a kind` {
    @Test func `is read from 26 small letters and digits, and nothing else`() {
        #expect(
            ChannelID("abcdefghijklmnopqrstuvwxyz")?.description == "abcdefghijklmnopqrstuvwxyz"
        )
        #expect(ChannelID("abcdefghijklmnopqrstuvwxy") == nil)
        #expect(ChannelID("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == nil)
    }

    @Test func `of a participant is that of the first connection`() throws {
        let connection = try #require(ConnectionID("0123456789abcdefghijklmnop"))
        #expect(ParticipantID(first: connection).description == connection.description)
    }
}
