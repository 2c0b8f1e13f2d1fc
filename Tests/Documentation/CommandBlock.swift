import Foundation

/// A fenced block of commands: ```` ```sh ```` holds commands alone, ```` ```console ```` commands behind `$ ` with what
/// they print. A further word says why it is not run here.
struct CommandBlock: Sendable {
    /// Why a block is not run by the tests. Its commands and options must exist all the same.
    enum Reason: String, CaseIterable {
        /// It needs a real reader, or a person at one.
        case reader
        /// It installs or removes Debian packages, or users.
        case package
        /// It needs further machines.
        case cluster
        /// It builds or tests the whole project, or measures.
        case build
        /// It fetches something from the network, or needs what was fetched.
        case download
        /// It needs an account of the clinic's.
        case account
        /// It opens the page in a browser, or goes on from there.
        case browser
    }

    /// A command, or the whole of a block that shows no output.
    struct Command: Sendable {
        var text: String
        /// The lines that it must print; nil where the document shows none.
        var output: [String]?
        let line: Int
    }

    /// What stands behind the language.
    let remarks: [String]
    let commands: [Command]
    let line: Int

    var isRun: Bool { remarks.isEmpty }

    /// Nil for a block of another kind.
    init?(_ block: MarkdownDocument.Block) {
        guard let language = block.info.first, ["sh", "console"].contains(language) else { return nil }
        remarks = Array(block.info.dropFirst())
        line = block.line
        guard language == "console" else {
            commands = [Command(text: block.lines.joined(separator: "\n"), output: nil, line: block.line)]
            return
        }
        var commands: [Command] = []
        var continues = false
        for (index, line) in block.lines.enumerated() {
            if line.hasPrefix("$ ") {
                commands.append(Command(text: String(line.dropFirst(2)), output: [], line: block.line + index))
            } else if commands.isEmpty {
                // Told by a test: output before any command.
                commands.append(Command(text: "", output: [line], line: block.line + index))
            } else if continues || line.hasPrefix("> ") {
                commands[commands.count - 1].text += "\n" + (continues ? line : String(line.dropFirst(2)))
            } else {
                commands[commands.count - 1].output?.append(line)
            }
            continues = line.hasSuffix("\\") && commands.last?.output == []
        }
        self.commands = commands
    }

    /// The commands without comments and blank lines, to be compared across languages.
    var essence: [String] {
        commands.flatMap { $0.text.split(separator: "\n") }.map {
            $0.replacing(/(^|\s)#.*$/, with: "").trimmingCharacters(in: .whitespaces)
        }.filter { !$0.isEmpty }
    }
}

extension MarkdownDocument {
    var commandBlocks: [CommandBlock] { blocks.compactMap(CommandBlock.init) }
}

/// What was printed against what a document shows.
enum ShownOutput {
    /// Whether `printed` is as `shown`: in a line `…` stands for any text, a line of it alone for any lines.
    static func fits(_ printed: [String], _ shown: [String]) -> Bool {
        guard let first = shown.first else { return printed.isEmpty }
        if first.trimmingCharacters(in: .whitespaces) == "…" {
            return (0...printed.count).contains { fits(Array(printed.dropFirst($0)), Array(shown.dropFirst())) }
        }
        guard let line = printed.first, fits(line: line, first) else { return false }
        return fits(Array(printed.dropFirst()), Array(shown.dropFirst()))
    }

    private static func fits(line: String, _ shown: String) -> Bool {
        let parts = shown.split(separator: "…", omittingEmptySubsequences: false).map(String.init)
        guard let first = parts.first, let last = parts.last, parts.count > 1 else { return line == shown }
        guard line.hasPrefix(first), line.hasSuffix(last), line.count >= first.count + last.count else { return false }
        var rest = line.dropFirst(first.count).dropLast(last.count)
        for part in parts.dropFirst().dropLast() where !part.isEmpty {
            guard let range = rest.range(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}
