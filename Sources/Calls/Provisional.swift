package import Basics

extension Call {
    package func participant(at connection: ConnectionID) -> ParticipantID? { nil }
    package func picture(for person: PersonID?) -> CallPicture { fatalError() }
    package var isEmpty: Bool { true }
}
package struct EventText: Sendable {
    package static func hello(_ c: ConnectionID) -> EventText { EventText() }
}
extension ServerEvent {
    package var text: EventText { EventText() }
    package var name: String { "" }
}
extension ClientMessage { package var name: String { "" } }
package struct ConnectionLine {
    package init() {}
    package mutating func append(_ t: EventText) -> [UInt8] { [] }
    package func missed(from: Int) -> [[UInt8]]? { nil }
}
package struct ClientFrameFault: Error {
    package var sequence: Int64?
    package var description: String { "" }
}
package struct ClientFrame: Sendable {
    package enum Content: Sendable {
        case authenticate(Secret)
        case ping
        case calls(ClientMessage)
        case unknown(String)
    }
    package var sequence: Int64?
    package var content: Content
    package init(text: Span<UInt8>) throws(ClientFrameFault) { throw ClientFrameFault() }
    package init(binary: Span<UInt8>) throws(ClientFrameFault) { throw ClientFrameFault() }
}
