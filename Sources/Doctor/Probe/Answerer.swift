package import Basics
package import IO

/// The far end of a probe: holds the media ports for a while, answers what is asked, and says who
/// asked.
package struct Answerer: ~Copyable {
    private let udp: PatientSocket
    private let tcp: PatientSocket
    private var answered: [String: Int] = [:]

    package init(udp: SocketAddress, tcp: SocketAddress) throws(SystemFault) {
        let datagrams = try PatientSocket.datagrams(on: udp)
        let listener = try PatientSocket.listening(on: tcp)
        self.udp = datagrams
        self.tcp = listener
    }

    /// Where it listens. Differs from what was asked for if that was port 0.
    package var udpAddress: SocketAddress { udp.address }
    package var tcpAddress: SocketAddress { tcp.address }

    /// Answers for this long. `tell` hears of each new caller, and at most of a thousand.
    package mutating func run(for duration: Duration, tell: (String) -> Void) {
        let end = Deadline.after(duration)
        while !end.hasPassed {
            PatientSocket.waitForAny(udp, tcp, by: end)
            while let (bytes, sender) = udp.receiveFrom() {
                guard let answer = ProbeAnswer.answer(to: bytes, from: sender) else { continue }
                udp.send(answer, to: sender)
                note("udp", sender, tell)
            }
            while let caller = tcp.accept() {
                serve(caller.socket, caller.sender)
                note("tcp", caller.sender, tell)
            }
        }
    }

    /// One question, at once or not at all: there is one thread.
    private func serve(_ socket: borrowing PatientSocket, _ sender: SocketAddress) {
        let deadline = Deadline.after(.milliseconds(500))
        do throws(SystemFault) {
            let question = try socket.receive(by: deadline)
            if let answer = ProbeAnswer.answer(toStreamed: question, from: sender) {
                try socket.send(answer, by: deadline)
            }
        } catch {
            // Whoever connects and asks nothing has seen that the port is open.
        }
    }

    private mutating func note(
        _ transport: String,
        _ sender: SocketAddress,
        _ tell: (String) -> Void
    ) {
        let caller = "\(transport) from \(sender.ip)"
        guard answered.count < 1_000 || answered[caller] != nil else { return }
        answered[caller, default: 0] += 1
        if answered[caller] == 1 { tell(caller) }
    }
}
