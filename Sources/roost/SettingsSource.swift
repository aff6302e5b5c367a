internal import Glibc
internal import IO
internal import Settings

/// Where this process' settings come from: a file, the environment, the command line.
struct SettingsSource: Sendable {
    static let options: Set<String> = ["config", "set"]
    static let help = """
          --config FILE       read FILE instead of ./roost.toml (which may be missing)
          --set KEY=VALUE     set one key, over the file and the environment; may be repeated
        """

    private let path: String
    private let mustExist: Bool
    /// How people call it.
    var name: String { path }
    private let overrides: [(path: String, text: String)]

    init(_ options: Options) throws(CommandFault) {
        path = options.value("config") ?? Self.variable("ROOST_CONFIG") ?? "roost.toml"
        // A file that was there when this process began and is gone when it reads again is a fault, and
        // no wish for the defaults.
        mustExist =
            options.value("config") != nil || Self.variable("ROOST_CONFIG") != nil
            || (unsafe access(path, F_OK)) == 0
        var overrides: [(path: String, text: String)] = []
        for pair in options.all("set") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw CommandFault(
                    "--set \(pair) is not KEY=VALUE, such as http.listen=:8065",
                    .usage
                )
            }
            overrides.append((String(parts[0]), String(parts[1])))
        }
        self.overrides = overrides
    }

    /// Reads everything anew.
    func read() throws(CommandFault) -> Settings {
        var file: SettingsFile?
        do throws(SystemFault) {
            file = SettingsFile(name: path, bytes: try FileContent.read(path))
        } catch {
            guard error.code == ENOENT, !mustExist else {
                throw CommandFault("\(error); name another with --config", .settings)
            }
        }
        var environment = Self.environment
        environment["ROOST_CONFIG"] = nil
        do throws(SettingsFaults) {
            return try Settings(file: file, environment: environment, overrides: overrides)
        } catch {
            throw CommandFault(error.description, .settings)
        }
    }

    private static func variable(_ name: String) -> String? {
        unsafe getenv(name).map { unsafe String(cString: $0) }
    }

    static var environment: [String: String] {
        var all: [String: String] = [:]
        var place = unsafe environ
        while let entry = unsafe place.pointee {
            let parts = unsafe String(cString: entry).split(separator: "=", maxSplits: 1)
            if let name = parts.first {
                all[String(name)] = parts.count == 2 ? String(parts[1]) : ""
            }
            unsafe place += 1
        }
        return all
    }
}
