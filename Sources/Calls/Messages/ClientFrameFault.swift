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

    package var description: String {
        guard let action else { return fault.description }
        return "\(action): \(fault)"
    }
}
