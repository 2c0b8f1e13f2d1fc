import Daemon
import FoundationEssentials

extension Command {
    /// `cccd status`: how the daemon of this machine is.
    static let status = Command(
        name: "status",
        usage: "[--config FILE | --socket PATH] [--json]",
        summary: "Tell how the daemon of this machine is.",
        options: [
            ServeCommand.configOption,
            Option(name: "--socket", value: "PATH", help: "The daemon's socket. Default: that of the configuration."),
            Option(name: "--json", value: nil, help: "Print what GET /v1/health and GET /v1/readers answer."),
        ],
        notes: "Exit status: 0 when everything works that is configured, 1 when not, 2 when no daemon answers.",
        run: StatusCommand.run)
}

enum StatusCommand {
    private struct Health: Codable {
        struct Trouble: Codable { var title: String, detail: String }
        struct Readers: Codable { var count: Int?, problem: Trouble? }
        struct Trust: Codable { var anchors: Int, refused: Int, loadedAt: String }
        struct Registry: Codable {
            struct Status: Codable { var source: String, rows: Int?, lostCards: Int?, age: Int? }
            /// Nil of a daemon that was started before the program was updated.
            var isConfigured: Bool?
            var status: Status?
            var problem: Trouble?
        }
        struct Audit: Codable { var isEnabled: Bool, problem: Trouble? }
        var status: String
        var version: String
        var uptimeSeconds: Int
        var readers: Readers
        var trust: Trust
        var registry: Registry
        /// Nil of a daemon that was started before the program was updated.
        var audit: Audit?
    }

    private struct Readers: Codable {
        struct Reader: Codable { var name: String, cardPresent: Bool, cardMute: Bool, busy: Bool?, waiting: Int? }
        var readers: [Reader]
    }

    private struct Problem: Decodable { var detail: String }

    private struct Both: Encodable {
        var health: Health
        var readers: [Readers.Reader]?
    }

    static func run(_ arguments: Arguments) throws -> ExitStatus {
        _ = try arguments.positional()
        let socket = try arguments.value("--socket") ?? ServeCommand.configuration(arguments).socket.path
        let client = DaemonClient(socket: socket)
        let answer = try client.get("/v1/health")
        guard let health = try? JSONDecoder().decode(Health.self, from: Data(answer.body)) else {
            let problem = try? JSONDecoder().decode(Problem.self, from: Data(answer.body))
            Console.complain(problem?.detail ?? "the daemon answered \(answer.status)")
            return .unanswered
        }
        // Not every role may list readers.
        let listed = try client.get("/v1/readers")
        let readers = try? JSONDecoder().decode(Readers.self, from: Data(listed.body)).readers
        if arguments.has("--json") {
            try Console.printJSON(Both(health: health, readers: readers))
        } else {
            for line in lines(health, readers) { print(line) }
        }
        return health.status == "ok" ? .yes : .no
    }

    private static func lines(_ health: Health, _ readers: [Readers.Reader]?) -> [String] {
        var lines = ["cccd \(health.version): \(health.status), for \(duration(health.uptimeSeconds))"]
        if let problem = health.readers.problem { lines.append("readers   \(problem.detail)") }
        if health.readers.count == 0 { lines.append("readers   none is plugged in") }
        for reader in readers ?? [] {
            let card = reader.cardMute ? "a card that does not answer" : reader.cardPresent ? "a card" : "empty"
            let load = reader.busy == true ? ", reading, \(reader.waiting ?? 0) waiting" : ""
            lines.append("reader    \(reader.name): \(card)\(load)")
        }
        lines.append(
            "trust     \(health.trust.anchors) \(health.trust.anchors == 1 ? "authority" : "authorities"), read \(health.trust.loadedAt)"
                + (health.trust.refused > 0 ? ", \(health.trust.refused) certificates refused" : ""))
        if let status = health.registry.status {
            let age = status.age.map { ", \(duration($0)) old" } ?? ""
            lines.append("registry  \(status.rows.map { "\($0) records" } ?? "answers")\(age) (\(status.source))")
        } else if let problem = health.registry.problem {
            lines.append("registry  \(problem.detail)")
        } else if health.registry.isConfigured == false {
            lines.append("registry  none is configured")
        }
        if let audit = health.audit {
            let state = audit.isEnabled ? "can be written" : "no log is kept"
            lines.append("audit     \(audit.problem?.detail ?? state)")
        }
        return lines
    }

    private static func duration(_ seconds: Int) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86_400) days"
        }
    }
}
