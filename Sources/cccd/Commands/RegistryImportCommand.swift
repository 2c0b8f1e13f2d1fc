import Registry

extension Command {
    /// `cccd registry import`: loads who is insured.
    static let registryImport = Command(
        name: "registry import",
        usage: "--registry FILE [--changes] [--format csv|tsv|jsonLines] [--dry-run] [--json] INPUT",
        summary: "Load who is insured from CSV, tab-separated text or JSON lines.",
        options: [
            Option(name: "--registry", value: "FILE", help: "The registry, an SQLite file; made when it is not there."),
            Option(
                name: "--changes", value: nil, help: "Change the records named; without it the file is the whole truth."
            ),
            Option(name: "--format", value: "NAME", help: "csv, tsv or jsonLines. Default: by the ending of the name."),
            Option(name: "--dry-run", value: nil, help: "Read and check everything, and write nothing."),
            Option(name: "--json", value: nil, help: "Print the report as one JSON object."),
        ],
        notes: """
            INPUT is a file, or - for standard input. Readers of the registry see the old data until the new is whole.
            Good lines are kept; each bad one is told by its number, field and reason.

            Exit status: 0 when every line was kept, 1 when some were not, 2 when nothing was loaded.
            """,
        run: RegistryImportCommand.run)
}

enum RegistryImportCommand {
    static func run(_ arguments: Arguments) throws -> ExitStatus {
        let input = try arguments.positional("INPUT")[0]
        guard let registry = arguments.value("--registry") else {
            throw UsageError(description: "--registry is missing")
        }
        let load = RegistryImport(
            source: .file(input), format: try format(arguments, of: input),
            mode: arguments.has("--changes") ? .changes : .full, isDryRun: arguments.has("--dry-run"))
        let meter = ProgressMeter()
        let report = try load.run(into: registry) { progress in
            meter.show("\(progress.phase.rawValue): \(progress.read) lines, \(progress.rejected) not kept")
            return true
        } rejected: { line in
            meter.clear()
            Console.note("\(line)")
        }
        meter.clear()
        if arguments.has("--json") {
            try Console.printJSON(report)
        } else {
            print(report)
        }
        return report.rejected == 0 ? .yes : .no
    }

    private static func format(_ arguments: Arguments, of input: String) throws -> ImportFormat {
        if let name = arguments.value("--format") {
            guard let format = ImportFormat(rawValue: name) else {
                throw UsageError(description: "--format must be csv, tsv or jsonLines")
            }
            return format
        }
        guard let format = ImportFormat(fileName: input) else {
            throw UsageError(description: "the format of \(input) is not told by its name: say --format")
        }
        return format
    }
}
