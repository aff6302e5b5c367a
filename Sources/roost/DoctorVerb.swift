internal import Doctor

/// `roost doctor`: the settings are this command's, everything else is the doctor's own.
///
/// Settings that can't be read are a finding, not an end: the rest of the machine is examined with the
/// defaults.
enum DoctorVerb {
    static func run(_ arguments: [String]) -> ExitCode {
        var own: [String] = []
        var others: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            let name = argument.split(separator: "=", maxSplits: 1).first.map(String.init) ?? ""
            guard SettingsSource.options.contains(String(name.drop { $0 == "-" })) else {
                others.append(argument)
                continue
            }
            own.append(argument)
            if !argument.contains("="), let value = rest.popFirst() { own.append(value) }
        }
        return ExitCode(
            rawValue: DoctorCommand.run(arguments: others, chart: chart(of: own))
        )
    }

    private static func chart(of arguments: [String]) -> DoctorCommand.Chart {
        do throws(CommandFault) {
            let source = try SettingsSource(Options(arguments, of: ConfigCommand.self))
            return .settings(Patient(try source.read()), from: source.name)
        } catch {
            return .unreadable(error.description)
        }
    }
}
