import Daemon
import FoundationEssentials

extension Command {
    /// `cccd serve`: the daemon.
    static let serve = Command(
        name: "serve",
        usage: "[--config FILE]",
        summary: "Answer local programs on a Unix socket.",
        options: [ServeCommand.configOption],
        notes: "Stops on SIGTERM or SIGINT after it finished what is running.",
        run: ServeCommand.run)
}

enum ServeCommand {
    static let defaultPath = "/etc/cccd/config.json5"
    static let configOption = Option(
        name: "--config", value: "FILE", help: "The configuration in JSON5. Default: \(defaultPath) if it is there.")

    static func run(_ arguments: Arguments) throws -> ExitStatus {
        _ = try arguments.positional()
        try CheckInDaemon(configuration: try configuration(arguments), version: Version.number).run()
        return .yes
    }

    /// The configuration that a command line names, or this machine's, or the defaults.
    static func configuration(_ arguments: Arguments) throws -> Configuration {
        if let path = arguments.value("--config") { return try Configuration(path: path) }
        let isThere = FileManager.default.fileExists(atPath: defaultPath)
        return isThere ? try Configuration(path: defaultPath) : Configuration()
    }
}
