package import Coordination
package import Wire

extension MemberID: Packable {
    package func pack(into writer: inout PackWriter) { writer.write(description) }

    package init(from reader: inout PackReader) throws(PackFault) {
        guard let member = MemberID(try reader.read(String.self)) else {
            throw .badValue("a member's id")
        }
        self = member
    }
}

extension Token: Packable {
    package func pack(into writer: inout PackWriter) { writer.write(description) }

    package init(from reader: inout PackReader) throws(PackFault) {
        guard let token = Token(try reader.read(String.self)) else { throw .badValue("a token") }
        self = token
    }
}
