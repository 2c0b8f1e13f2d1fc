import Glibc
import Portrait

/// The command line's entry: finds the command that the words call, and runs it.
@main
enum CCCD {
    private static let commands: [Command] = [
        .read, .verify, .portrait, .trustImport, .trustList, .trustShow, .trustRemove, .trustExplain, .registryImport,
        .registryAsk, .registryStatus, .registryQuality, .registryLost, .registryFound, .registryCopy, .serve, .page,
        .status,
        .receiptVerify, .auditVerify, .auditExport, .auditHead,
        .simulateCard, .simulatePKI,
        .batch, .archivePack, .archiveList, .archiveExtract, .archiveCheck, .bench,
    ]

    static func main() {
        // How this program starts itself to decode a portrait; before anything else, so that the process has as little as can be.
        if CommandLine.arguments.dropFirst().elementsEqual([PortraitChild.command]) { PortraitChild.run() }
        exit(start(Array(CommandLine.arguments.dropFirst())).rawValue)
    }

    private static func start(_ words: [String]) -> ExitStatus {
        guard let first = words.first, !["--help", "-h", "help"].contains(first) else {
            print(overview())
            return words.isEmpty ? .unanswered : .yes
        }
        if first == "--version" {
            print(Version.description)
            return .yes
        }
        guard let command = commands.first(where: { words.starts(with: $0.words) }) else {
            // A first word that leads to commands of two words, such as `cccd trust --help`.
            let family = commands.filter { $0.words.first == first }
            let usages = family.map { "  cccd \($0.name) \($0.usage)" }.joined(separator: "\n")
            if !family.isEmpty, words.dropFirst().allSatisfy({ ["--help", "-h"].contains($0) }), words.count > 1 {
                print(usages)
                return .yes
            }
            Console.complain(family.isEmpty ? "unknown command \(first)" : "\(first) what?")
            Console.note(family.isEmpty ? overview() : usages)
            return .unanswered
        }
        let rest = Array(words.dropFirst(command.words.count))
        if rest.contains("--help") || rest.contains("-h") {
            print(command.help)
            return .yes
        }
        do {
            return try command.run(Arguments(rest, options: command.options))
        } catch let error as UsageError {
            Console.complain("\(error.description)\nUsage: cccd \(command.name) \(command.usage)")
        } catch {
            Console.complain("\(error)")
        }
        return .unanswered
    }

    private static func overview() -> String {
        let width = (commands.map(\.name.count).max() ?? 0) + 2
        let lines = commands.map { "  " + $0.name + String(repeating: " ", count: width - $0.name.count) + $0.summary }
        return """
            cccd \(Version.number): checks Vietnamese chip identity cards

            Usage: cccd COMMAND …

            \(lines.joined(separator: "\n"))

            `cccd COMMAND --help` explains each. Exit status: 0 yes or done, 1 the answer is no, 2 could not be answered.
            """
    }
}
