internal import Calls

/// Finds lines that clients hope to go on with and that this node doesn't have.
protocol LineFinder: AnyObject, Sendable {
    /// Fetches the line from whoever has it, who has it no more then. Nil if nobody has.
    func find(_ hope: SocketHall.Hope, of person: PersonID) async -> (ConnectionLine, LineMarks)?
}
