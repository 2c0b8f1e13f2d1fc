import FoundationEssentials
import Glibc
import Synchronization
import Verifier

extension Command {
    /// `cccd batch`: judges many stored card images.
    static let batch = Command(
        name: "batch",
        usage: "[--trust PATH]… [options] INPUT…",
        summary: "Judge many stored card images.",
        options: [
            Option(
                name: "--trust", value: "PATH", help: "CSCA certificates: a file or a folder. May be repeated.",
                isRepeatable: true),
            Option(name: "--at", value: "YYYY-MM-DD", help: "Judge validity as of this day instead of now."),
            Option(name: "--output", value: "FILE", help: "Write the results to this file instead of standard output."),
            Option(name: "--format", value: "FORMAT", help: "Of the results: json (default), csv or binary."),
            Option(name: "--input", value: "FORMAT", help: "Of the inputs: auto (default), archive, json or tar."),
            Option(
                name: "--only-failures", value: nil, help: "Write only results of records whose data is not proven."),
            Option(name: "--resume", value: nil, help: "Go on where an earlier run of the same command stopped."),
            Option(
                name: "--state", value: "FILE", help: "Where that is kept; the output's name with .state by default."),
            Option(
                name: "--summary", value: "FILE",
                help: "Write the summary as a JSON object to this file; `-` for a last line of standard output."),
            Option(name: "--threads", value: "N", help: "Threads that judge; one for each processor by default."),
            Option(
                name: "--tables", value: "N", help: "Most signers' keys made into tables; 256 by default, 0 for none."),
            Option(name: "--table-memory", value: "MIB", help: "Most memory for those tables; 192 MiB by default."),
            Option(name: "--only-evp", value: nil, help: "Verify by OpenSSL's EVP alone, without the fast arithmetic."),
        ],
        notes: """
            INPUT is a card archive, a folder of card images, a tar stream of such folders, or a file with one JSON object
            of base64 values on each line; `-` is standard input. The form is told by the first bytes.

            Results come in the order of the input, one for each record: a bad record is a result. The summary goes to
            standard error. With --output the state of the run is kept beside it, so that --resume can go on after a kill
            with no record lost or judged twice.

            Exit status: 0 when the data of every record is proven, 1 when that of some is not, 2 when the run could not be
            done.
            """,
        run: BatchCommand.run)
}

enum BatchCommand {
    static func run(_ arguments: Arguments) throws -> ExitStatus {
        let inputs = arguments.positional
        guard !inputs.isEmpty else { throw UsageError(description: "expected INPUT") }
        let options = try options(arguments)
        let results = try results(arguments)
        if arguments.value("--summary") == "-", options.resultFormat != .json {
            throw UsageError(description: "--summary - needs --format json")
        }
        let (trust, refusals) = try TrustStore.load(arguments.all("--trust"))
        for refusal in refusals { Console.complain("not trusted: \(refusal.path): \(refusal.reason)") }
        let bar = ProgressLine()
        let report = try BatchRun(verifier: CardVerifier(trust: trust), options: options)
            .run(inputs, results: results) { bar.show($0) }
        bar.clear()
        if arguments.value("--summary") == "-" {
            print(String(decoding: try JSONEncoder().encode(["summary": report.summary]), as: UTF8.self))
        } else if let path = arguments.value("--summary") {
            try JSONEncoder().encode(report.summary).write(to: URL(filePath: path), options: .atomic)
        }
        for line in SummaryText.lines(of: report) { Console.note(line) }
        let proven = ["genuine", "authenticData"].reduce(0) { $0 + (report.summary.outcomes[$1] ?? 0) }
        return proven == report.summary.records ? .yes : .no
    }

    private static func options(_ arguments: Arguments) throws -> BatchOptions {
        var options = BatchOptions()
        options.date = try VerifyCommand.date(arguments.value("--at"))
        options.onlyFailures = arguments.has("--only-failures")
        options.asksOnlyEVP = arguments.has("--only-evp")
        options.resultFormat = try choice(arguments, "--format") ?? .json
        options.inputFormat = try choice(arguments, "--input") ?? .automatic
        options.threads = try arguments.number("--threads", in: 1...1024) ?? options.threads
        options.maximumTables = try arguments.number("--tables", in: 0...100_000) ?? options.maximumTables
        if let size = try arguments.number("--table-memory", in: 1...1_048_576) {
            options.maximumTableByteCount = size << 20
        }
        return options
    }

    private static func results(_ arguments: Arguments) throws -> BatchRun.Results {
        guard let output = arguments.value("--output") else {
            guard !arguments.has("--resume"), arguments.value("--state") == nil else {
                throw UsageError(description: "--resume and --state need --output")
            }
            return .standardOutput
        }
        // A device such as /dev/null keeps nothing that could be resumed.
        if output.hasPrefix("/dev/") { return .file(output) }
        let state = arguments.value("--state") ?? output + ".state"
        if !arguments.has("--resume") { try? FileManager.default.removeItem(atPath: state) }
        return .resumable(output, state: state)
    }

    private static func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ arguments: Arguments, _ name: String
    ) throws -> Choice? {
        guard let text = arguments.value(name) else { return nil }
        guard let choice = Choice(rawValue: text) else {
            let known = Choice.allCases.map(\.rawValue).joined(separator: ", ")
            throw UsageError(description: "\(name) must be one of \(known)")
        }
        return choice
    }
}

/// One line on a terminal that tells how far a batch is; nothing elsewhere.
private final class ProgressLine: Sendable {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private let shown = Mutex<ContinuousClock.Instant?>(nil)
    private static let width = 24

    func show(_ progress: BatchProgress) {
        guard isTerminal else { return }
        let isDue = shown.withLock { last in
            let now = ContinuousClock.now
            if let last, now - last < .milliseconds(200) { return false }
            last = now
            return true
        }
        guard isDue else { return }
        var line = "\r"
        if let total = progress.totalBytes, total > 0 {
            let done = min(Self.width, Self.width * progress.bytes / total)
            line += "[" + String(repeating: "#", count: done) + String(repeating: ".", count: Self.width - done) + "] "
            line += "\(100 * progress.bytes / total) %, "
        }
        line += "\(progress.records) records, \(Int(progress.rate))/s"
        if let left = progress.secondsLeft { line += ", \(Int(left / 60)) min \(Int(left) % 60) s left" }
        Console.write(line + "\u{1B}[K")
    }

    func clear() {
        if isTerminal, shown.withLock({ $0 != nil }) { Console.write("\r\u{1B}[K") }
    }
}

/// A summary for people.
private enum SummaryText {
    static func lines(of report: BatchReport) -> [String] {
        let summary = report.summary
        var lines = ["\(summary.records) records in \(seconds(report.seconds)), \(rate(report)) records/s"]
        lines += section("outcome", summary.outcomes)
        if summary.unreadable > 0 { lines.append("  unreadable: \(summary.unreadable)") }
        lines += section("failed", summary.failedChecks)
        lines += section("validity", summary.validity)
        let signers = summary.signers.sorted { ($1.value.records, $0.key) < ($0.value.records, $1.key) }
        for (serial, signer) in signers.prefix(10) {
            lines.append("  signer \(serial): \(signer.records), proven \(signer.proven)  \(signer.subject)")
        }
        if signers.count > 10 { lines.append("  and \(signers.count - 10) more signers") }
        lines.append(
            "  signatures: \(report.fastSignatures) fast, \(report.evpSignatures) by EVP; "
                + "judged in full: \(report.judgedInFull); tables: \(report.tables.count), "
                + "\(report.tables.byteCount >> 20) MiB")
        return lines
    }

    private static func section(_ name: String, _ counts: [String: Int]) -> [String] {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "  \(name) \($0.key): \($0.value)" }
    }

    private static func rate(_ report: BatchReport) -> Int {
        report.seconds > 0 ? Int(Double(report.recordsOfRun) / report.seconds) : 0
    }

    private static func seconds(_ seconds: Double) -> String {
        let tenths = Int(seconds * 10)
        return "\(tenths / 10).\(tenths % 10) s"
    }
}
