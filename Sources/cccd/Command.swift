/// How a command ends: DESIGN's three answers.
enum ExitStatus: Int32 {
    /// Yes, or done.
    case yes = 0
    /// The answer is no: not genuine, not eligible.
    case no = 1
    /// The question could not be answered.
    case unanswered = 2
}

/// One subcommand.
struct Command: Sendable {
    /// The words that call it: `verify`, `registry import`.
    let name: String
    /// What follows the name: `[--json] IMAGE`.
    let usage: String
    /// One line for the list of commands.
    let summary: String
    let options: [Option]
    /// What the help says behind the options.
    var notes = ""
    let run: @Sendable (Arguments) throws -> ExitStatus

    /// The words of the name.
    var words: [String] { name.split(separator: " ").map(String.init) }

    /// What `--help` prints.
    var help: String {
        let all = options + [Option(name: "--help", value: nil, help: "Show this help.")]
        let terms = all.map { option in option.value.map { "\(option.name) \($0)" } ?? option.name }
        let width = (terms.map(\.count).max() ?? 0) + 2
        let lines = zip(terms, all).map { term, option in
            "  " + term + String(repeating: " ", count: width - term.count) + option.help
        }
        let text = "\(summary)\n\nUsage: cccd \(name) \(usage)\n\nOptions:\n" + lines.joined(separator: "\n")
        return notes.isEmpty ? text : text + "\n\n" + notes
    }
}
