import Daemon
import FoundationEssentials

extension Command {
    /// `cccd page`: opens the page at the desk.
    static let page = Command(
        name: "page",
        usage: "[--config FILE | --socket PATH] [--role ROLE]",
        summary: "Tell where a browser finds the page at the desk.",
        options: [
            ServeCommand.configOption,
            Option(name: "--socket", value: "PATH", help: "The daemon's socket. Default: that of the configuration."),
            Option(
                name: "--role", value: "ROLE",
                help: "What the page may do: a role, which only the role admin chooses. Default: your own."),
        ],
        notes: """
            Open it with `xdg-open "$(cccd page)"`. Needs loopback.port in the configuration. The address is good once, and
            for a minute; the page that it opens goes on for fourteen hours, or until the daemon is started anew. A kiosk that
            opens its page by itself uses a token of the configuration instead: docs/page.md tells how.
            """,
        run: PageCommand.run)
}

enum PageCommand {
    private struct Ticket: Decodable { var url: String }
    private struct Problem: Decodable { var detail: String }

    static func run(_ arguments: Arguments) throws -> ExitStatus {
        _ = try arguments.positional()
        let socket = try arguments.value("--socket") ?? ServeCommand.configuration(arguments).socket.path
        let role = arguments.value("--role")
        let body = try JSONEncoder().encode(role.map { ["role": $0] } ?? [:])
        let answer = try DaemonClient(socket: socket).post("/v1/page-tickets", json: [UInt8](body))
        let data = Data(answer.body)
        guard answer.status == 200, let ticket = try? JSONDecoder().decode(Ticket.self, from: data) else {
            let problem = try? JSONDecoder().decode(Problem.self, from: data)
            Console.complain(problem?.detail ?? "the daemon answered \(answer.status)")
            return .unanswered
        }
        print(ticket.url)
        return .yes
    }
}
