import Registry

extension Command {
    /// `cccd registry import`: loads who is insured.
    static let registryImport = Command(
        name: "registry import",
        usage: "--registry URL [--changes] [--format csv|tsv|jsonLines] [--data-as-of TIME] [--promised-age AGE] "
            + "[--dry-run] [--json] INPUT",
        summary: "Load who is insured from CSV, tab-separated text or JSON lines.",
        options: [
            RegistryOptions.registry,
            Option(
                name: "--changes", value: nil, help: "Change the records named; without it the file is the whole truth."
            ),
            Option(name: "--format", value: "NAME", help: "csv, tsv or jsonLines. Default: by the ending of the name."),
            Option(
                name: "--data-as-of", value: "TIME",
                help:
                    "The moment whose truth the data is, as YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ. Default: the file's last change."
            ),
            Option(
                name: "--promised-age", value: "AGE",
                help: "How old the source promises its data to be at most: 36h, 7d; units s, m, h, d."),
            Option(name: "--dry-run", value: nil, help: "Read and check everything, and write nothing."),
            Option(name: "--json", value: nil, help: "Print the report as one JSON object."),
        ],
        notes: """
            INPUT is a file, or - for standard input. A registry that is not there is made. Readers of the registry see the old data until the new is whole.
            Good lines are kept; each bad one is told by its number, field and reason.

            Exit status: 0 when every line was kept, 1 when some were not, 2 when nothing was loaded.
            """,
        run: RegistryImportCommand.run)
}

enum RegistryImportCommand {
    static func run(_ arguments: Arguments) throws -> ExitStatus {
        let input = try arguments.positional("INPUT")[0]
        let location = try RegistryOptions.location(arguments)
        let load = RegistryImport(
            source: .file(input), format: try format(arguments, of: input),
            mode: arguments.has("--changes") ? .changes : .full, isDryRun: arguments.has("--dry-run"),
            dataAsOf: try dataAsOf(arguments), promisedAge: try promisedAge(arguments))
        let meter = ProgressMeter()
        let report = try load.run(into: location) { progress in
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

    private static func dataAsOf(_ arguments: Arguments) throws -> Timestamp? {
        guard let text = arguments.value("--data-as-of") else { return nil }
        guard let moment = Timestamp(iso: text) else {
            throw UsageError(description: "--data-as-of must be YYYY-MM-DD or YYYY-MM-DDThh:mm:ssZ")
        }
        guard moment <= .now else { throw UsageError(description: "--data-as-of lies in the future") }
        return moment
    }

    private static func promisedAge(_ arguments: Arguments) throws -> Int? {
        guard let text = arguments.value("--promised-age") else { return nil }
        let units: [Character: Int] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), let count = Int(text.dropLast()),
            (1...36_500).contains(count)
        else { throw UsageError(description: "--promised-age must be a number from 1 to 36500 with a unit: 36h, 7d") }
        return count * unit
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
