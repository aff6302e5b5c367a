/// Why a client's frame is not taken, with what a reply can say of the frame.
package struct ClientFrameFault: Error, Hashable, Sendable, CustomStringConvertible {
    package var fault: MessageFault
    /// The frame's number, if it could be read.
    package var sequence: Int64?
    /// What the frame asked for, if it could be read.
    package var action: String?

    package init(_ fault: MessageFault, sequence: Int64? = nil, action: String? = nil) {
        self.fault = fault
        self.sequence = sequence
        self.action = action
    }

    /// Whether the frame asked to be let into a call, so that its sender is not in one for all it knows.
    package var asksToComeIn: Bool {
        ["join", "reconnect"].contains { action == ClientMessage.actionPrefix + $0 }
    }

    package var description: String {
        guard let action else { return fault.description }
        return "\(action): \(fault)"
    }
}
