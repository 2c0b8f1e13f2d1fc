import Daemon
import FoundationEssentials

extension Command {
    /// `cccd serve`: the daemon.
    static let serve = Command(
        name: "serve",
        usage: "[--config FILE]",
        summary: "Answer local programs on a Unix socket.",
        options: [ServeCommand.configOption],
        notes:
            "Stops on SIGTERM or SIGINT after it finished what is running; reads configuration and certificates again on SIGHUP.",
        run: ServeCommand.run)
}

enum ServeCommand {
    static let defaultPath = "/etc/cccd/cccd.json5"
    static let configOption = Option(
        name: "--config", value: "FILE", help: "The configuration in JSON5. Default: \(defaultPath) if it is there.")

    static func run(_ arguments: Arguments) throws -> ExitStatus {
        _ = try arguments.positional()
        let named = arguments.value("--config")
        let daemon = try CheckInDaemon(version: Version.number) { () throws(DaemonError) in try configuration(named) }
        try daemon.run()
        return .yes
    }

    /// The configuration that a command line names, or this machine's, or the defaults.
    static func configuration(_ arguments: Arguments) throws(DaemonError) -> Configuration {
        try configuration(arguments.value("--config"))
    }

    private static func configuration(_ named: String?) throws(DaemonError) -> Configuration {
        if let named { return try Configuration(path: named) }
        let isThere = FileManager.default.fileExists(atPath: defaultPath)
        return isThere ? try Configuration(path: defaultPath) : Configuration()
    }
}
