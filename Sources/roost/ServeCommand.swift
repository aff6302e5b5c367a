internal import Basics
internal import Glibc
internal import IO
internal import Server
internal import Settings

/// `roost serve`: runs a node until it is told to stop.
enum ServeCommand: Command {
    static let name = "serve"
    static let valued = SettingsSource.options
    static let flags: Set<String> = []
    static let words = 0...0
    static let help = """
        roost serve: run a node

        \(SettingsSource.help)

        SIGTERM and SIGINT end it: nobody new is taken, requests in flight are finished, websockets are
        told to connect elsewhere; a second signal ends it at once. SIGHUP reads the settings again and
        takes over those that can change without a restart, certificates and keys among them.

        Exit codes: 0 ended as told, 1 could not serve, 2 not understood, 3 wrong settings.
        """

    static func run(_ options: Options) async throws(CommandFault) -> ExitCode {
        let began = Loop.readClock()
        let source = try SettingsSource(options)
        let settings = try source.read()
        let levels = LogLevels(settings.log.level, rooms: settings.log.levels)
        let writer = try openLog(settings)
        let log = Log("roost", levels: levels, sink: writer)
        for variable in settings.ignored {
            log.warning(
                "a variable of the environment is not used",
                ["variable": .string(variable.name), "why": .string(variable.reason)]
            )
        }
        raiseDescriptorLimit(log)
        let events = Signals.events()
        let node: Node
        do throws(NodeFault) {
            node = try Node(settings, sink: writer, levels: levels)
        } catch {
            await writer.flush()
            throw CommandFault(error.description)
        }
        node.whenRefused { why in
            log.error("this node must not run", ["why": .string(why)])
            Terminal.complain(why)
            Task.detached {
                await writer.flush()
                exit(ExitCode.failed.rawValue)
            }
        }
        announce(node, settings, log, took: Loop.readClock() - began)
        await obey(events, node, source, writer, log)
        await writer.flush()
        return .fine
    }

    /// A connection is a descriptor, so the limit of these is that of those.
    private static func raiseDescriptorLimit(_ log: Log) {
        do throws(SystemFault) {
            let limit = try DescriptorLimit.raise()
            log.info("open files are limited", ["limit": .int(limit)])
        } catch {
            log.warning("the limit of open files stays as it is", ["why": .error(error)])
        }
    }

    private static func obey(
        _ events: AsyncStream<Signals.Event>,
        _ node: Node,
        _ source: SettingsSource,
        _ writer: LogWriter,
        _ log: Log
    ) async {
        for await event in events {
            switch event {
            case .reload:
                await reload(node, source, writer, log)
            case .end:
                Task.detached {
                    for await event in events where event == .end {
                        Terminal.complain("told twice to end; ending at once")
                        exit(ExitCode.failed.rawValue)
                    }
                }
                let cut = await node.close()
                log.info("ended", ["connections_cut": .int(cut)])
                return
            }
        }
    }

    private static func reload(
        _ node: Node,
        _ source: SettingsSource,
        _ writer: LogWriter,
        _ log: Log
    ) async {
        do {
            try await writer.reopen()
            let changes = try node.reload(try source.read())
            for change in changes {
                if change.isReloadable {
                    log.info("a setting has changed", ["change": .string(change.description)])
                } else {
                    log.warning(
                        "a setting has changed that needs a restart",
                        ["change": .string(change.description)]
                    )
                }
            }
            log.info("reloaded", ["changes": .int(changes.count)])
        } catch {
            log.error("nothing was reloaded; the settings in effect stay", ["why": .error(error)])
        }
    }

    private static func openLog(_ settings: Settings) throws(CommandFault) -> LogWriter {
        let format: LogFormat =
            switch settings.log.format {
            case .human: .human(colour: Terminal.hasColour && settings.log.file.isEmpty)
            case .json: .json
            case .auto:
                Terminal.showsPeople && settings.log.file.isEmpty
                    ? .human(colour: Terminal.hasColour) : .json
            }
        let target: LogWriter.Target =
            settings.log.file.isEmpty
            ? .descriptor(STDERR_FILENO)
            : .file(
                path: settings.log.file,
                limit: settings.log.fileBytes,
                keep: settings.log.fileKeep
            )
        do throws(SystemFault) {
            return try LogWriter(target, format: format)
        } catch {
            throw CommandFault("\(error); set log.file to a place that can be written")
        }
    }

    private static func announce(
        _ node: Node,
        _ settings: Settings,
        _ log: Log,
        took: Duration
    ) {
        let scheme = node.isSecure ? "https" : "http"
        let urls = node.addresses.map { address in
            let isLocal = address.ip.isLoopback || address.ip.isUnspecified
            let host = isLocal ? "localhost:\(address.port)" : address.description
            return "\(scheme)://\(host)"
        }
        log.info(
            "ready",
            [
                "address": .string(urls.joined(separator: " ")),
                "metrics": .string(
                    node.metricsAddresses.map(\.description).joined(separator: " ")
                ),
                "took": .duration(took),
                "version": .string(Version.number),
            ]
        )
        Terminal.say("Roost is ready: \(urls.joined(separator: " "))")
    }
}
