/// Why a question to an actor of another node has no answer.
package enum RemoteFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no such actor there: it has ended, or moved.
    case noActor(String)
    /// The node there is of another version, which doesn't know the method.
    case noMethod(UInt64)
    /// The arguments or the answer can't be read.
    case unreadable(String)
    /// More waits there, or on the way, than may wait. Try again in a moment.
    case overloaded
    /// No answer came in time; it is not known whether the question arrived.
    case timedOut
    /// The node there is gone, or nothing is known of it.
    case unreachable(String)
    /// The actor refused: a word for programs and a sentence for people.
    case refused(code: String, String)

    package var description: String {
        switch self {
        case .noActor(let name):
            "\(name) is not there; it has ended or moved, so ask again where it is"
        case .noMethod(let number):
            "the other node does not know method \(number); bring all nodes to one version"
        case .unreadable(let why): "the other node's words can't be read: \(why)"
        case .overloaded: "more waits on the link than may wait; try again in a moment"
        case .timedOut: "the other node did not answer in time; what was asked may have been done"
        case .unreachable(let who): "\(who) can't be reached; see `roost cluster status`"
        case .refused(_, let sentence): sentence
        }
    }
}

extension RemoteFault: Packable {
    package func pack(into writer: inout PackWriter) {
        switch self {
        case .noActor(let name): write(1, name, into: &writer)
        case .noMethod(let number): write(2, String(number), into: &writer)
        case .unreadable(let why): write(3, why, into: &writer)
        case .overloaded: write(4, "", into: &writer)
        case .timedOut: write(5, "", into: &writer)
        case .unreachable(let who): write(6, who, into: &writer)
        case .refused(let code, let sentence):
            write(7, sentence, into: &writer)
            writer.write(code)
        }
    }

    private func write(_ kind: UInt8, _ text: String, into writer: inout PackWriter) {
        writer.write(byte: kind)
        writer.write(text)
    }

    package init(from reader: inout PackReader) throws(PackFault) {
        let kind = try reader.byte()
        let text: String = try reader.read()
        switch kind {
        case 1: self = .noActor(text)
        case 2:
            guard let number = UInt64(text) else { throw .badNumber }
            self = .noMethod(number)
        case 3: self = .unreadable(text)
        case 4: self = .overloaded
        case 5: self = .timedOut
        case 6: self = .unreachable(text)
        case 7: self = .refused(code: try reader.read(), text)
        default: throw .badValue("a fault of kind \(kind)")
        }
    }
}
