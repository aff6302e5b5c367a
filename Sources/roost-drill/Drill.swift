internal import Crypto
internal import Glibc

/// `roost-drill`: the tool that measures Roost, and tries what it survives.
@main
enum Drill {
    static func main() async {
        Workbench.takeSignals()
        // As roost does.
        _ = OpenSSLMemory.arrange()
        var arguments = CommandLine.arguments.dropFirst()
        let verb = arguments.popFirst() ?? "help"
        do {
            switch verb {
            case "bench":
                let isFine = try await BenchCommand.run(Array(arguments))
                leave(isFine ? 0 : 1)
            case "chaos": leave(try ChaosCommand.run(Array(arguments)))
            case "claimant":
                try await ClaimantCommand.run(Array(arguments))
                leave(0)
            case HallProfile.verb:
                try HallProfile.run(Array(arguments))
                leave(0)
            case "load": leave(try LoadCommand.run(Array(arguments)))
            case "peers": leave(try PeersCommand.run(Array(arguments)) ? 0 : 1)
            case "rehearse": leave(try await RehearseCommand.run(Array(arguments)))
            case "help", "--help", "-h":
                Terminal.say(
                    [
                        BenchCommand.help, PeersCommand.help, LoadCommand.help, ChaosCommand.help,
                        RehearseCommand.help,
                    ].joined(separator: "\n\n")
                )
                leave(0)
            default:
                throw DrillFault("there is no command \"\(verb)\"\n\n\(BenchCommand.help)", code: 2)
            }
        } catch let fault as DrillFault {
            Workbench.standStillIfInterrupted()
            Terminal.complain(fault.description)
            leave(fault.code)
        } catch {
            Workbench.standStillIfInterrupted()
            Terminal.complain("\(error)")
            leave(1)
        }
    }

    private static func leave(_ code: Int32) -> Never {
        Workbench.clear()
        exit(code)
    }
}

/// Why something could not be measured, and what to do about it.
struct DrillFault: Error, CustomStringConvertible {
    var description: String
    /// The exit code: 1 if it did not work, 2 if it was not understood.
    var code: Int32

    init(_ description: String, code: Int32 = 1) {
        self.description = description
        self.code = code
    }
}
