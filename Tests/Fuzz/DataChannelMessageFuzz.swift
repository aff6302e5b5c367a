import Calls

/// What is read can be written and read again as the same.
let fuzzDataChannelMessage: FuzzTarget = { bytes in
    do throws(MessageFault) {
        let message = try DataChannelMessage(bytes)
        let again = try? DataChannelMessage(message.bytes)
        precondition(again == message, "it comes back changed: \(message)")
    } catch {
        precondition(!error.description.isEmpty, "a fault says something")
    }
}
