import Crypto
import FoundationEssentials
import Verifier

extension Command {
    /// `cccd bench`: measures this machine.
    static let bench = Command(
        name: "bench",
        usage: "[--json] [--algorithm NAME]… [options]",
        summary: "Measure how many cards this machine verifies, against OpenSSL's own verify.",
        options: [
            Option(name: "--json", value: nil, help: "Print one JSON object."),
            Option(
                name: "--algorithm", value: "NAME", help: "Only this one, such as P-256. May be repeated.",
                isRepeatable: true),
            Option(name: "--full", value: nil, help: "20000 records to a signer and 5 signers for every algorithm."),
            Option(name: "--records", value: "N", help: "Records to a signer."),
            Option(name: "--signers", value: "N", help: "Document signers."),
            Option(name: "--distinct", value: "N", help: "Distinct records to a signer, which are repeated; 200."),
            Option(
                name: "--portrait", value: "BYTES", help: "Size of the face image; 0 and 16384 by default.",
                isRepeatable: true),
            Option(name: "--threads", value: "N", help: "Threads; 1 and all by default.", isRepeatable: true),
            Option(name: "--tables", value: "N", help: "Most tables of signers' keys; 0 for none."),
            Option(name: "--seconds", value: "N", help: "Seconds of openssl speed for each algorithm and round; 1."),
            Option(name: "--repeat", value: "N", help: "Rounds, of which the middle one counts; 1 by default."),
            Option(
                name: "--keep", value: "FOLDER", help: "Leave the records and the CSCA's certificate in this folder."),
            Option(
                name: "--agree", value: "N", help: "Instead compare fast path and EVP on so many random signatures."),
        ],
        notes: """
            Measured are whole records, from a card archive to a file of results: taken apart, every data group hashed,
            EF.SOD's signature and the signer's chain judged, the holder's data compared. Tables of signers' keys are made
            within the measured time. One thread is measured by its processor time, as openssl speed measures; more by the
            clock on the wall. The ratio is records in a second over OpenSSL's verifications in a second, per thread; with
            --repeat both are measured in turns, and the middle one of the rounds' ratios counts.
            """,
        run: BenchCommand.run)
}

enum BenchCommand {
    /// One row of the table.
    struct Row: Encodable {
        let algorithm: String
        let recordsPerSecond: Double
        let opensslPerSecond: Double
        let ratio: Double
        let threads: Int
        let portraitBytes: Int
        let signers: Int
        let recordsPerSigner: Int
        let opensslMeasuredBy: String
        /// Records that a table must serve to pay for itself, as measured here; nil for RSA.
        let breakEven: Double?
    }

    private struct Report: Encodable {
        let results: [Row]
    }

    static func run(_ arguments: Arguments) throws -> ExitStatus {
        _ = try arguments.positional()
        if let count = try arguments.number("--agree", in: 1...1_000_000_000) { return try Agreement.run(count) }
        let algorithms = try algorithms(arguments)
        var rows: [Row] = []
        let folder = try Folder(arguments.value("--keep"))
        defer { folder.finish() }
        let asJSON = arguments.has("--json")
        if !asJSON { print(BenchTable.heading) }
        for algorithm in algorithms {
            for row in try measure(algorithm, Plan(arguments, algorithm), folder) {
                rows.append(row)
                if !asJSON { print(BenchTable.line(row)) }
            }
        }
        if asJSON { try Console.printJSON(Report(results: rows)) }
        return .yes
    }

    private static func algorithms(_ arguments: Arguments) throws -> [BenchAlgorithm] {
        let names = arguments.all("--algorithm")
        guard !names.isEmpty else { return BenchAlgorithm.allCases }
        return try names.map { name in
            guard let algorithm = BenchAlgorithm(rawValue: name) else {
                let known = BenchAlgorithm.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageError(description: "--algorithm must be one of \(known)")
            }
            return algorithm
        }
    }

    /// What is measured of an algorithm.
    private struct Plan {
        let signers: Int
        let recordsPerSigner: Int
        let distinct: Int
        let portraits: [Int]
        let threads: [Int]
        let tables: Int?
        let seconds: Int
        let rounds: Int

        init(_ arguments: Arguments, _ algorithm: BenchAlgorithm) throws {
            let short = algorithm.shortRun
            let isFull = arguments.has("--full")
            signers = try arguments.number("--signers", in: 1...10_000) ?? (isFull ? 5 : short.signers)
            recordsPerSigner =
                try arguments.number("--records", in: 1...10_000_000) ?? (isFull ? 20_000 : short.recordsPerSigner)
            distinct = min(try arguments.number("--distinct", in: 1...10_000_000) ?? 200, recordsPerSigner)
            tables = try arguments.number("--tables", in: 0...100_000)
            seconds = try arguments.number("--seconds", in: 1...60) ?? 1
            rounds = try arguments.number("--repeat", in: 1...99) ?? 1
            portraits = try Self.numbers(arguments, "--portrait", 0...1_000_000) ?? [0, 16_384]
            threads = try Self.numbers(arguments, "--threads", 1...1024) ?? Self.threads
        }

        private static var threads: [Int] { Array(Set([1, BatchOptions().threads])).sorted() }

        private static func numbers(
            _ arguments: Arguments, _ name: String, _ range: ClosedRange<Int>
        ) throws -> [Int]? {
            let texts = arguments.all(name)
            guard !texts.isEmpty else { return nil }
            return try texts.map { text in
                guard let number = Int(text), range.contains(number) else {
                    throw UsageError(description: "\(name) must be a number up to \(range.upperBound)")
                }
                return number
            }
        }
    }

    private static func measure(_ algorithm: BenchAlgorithm, _ plan: Plan, _ folder: Folder) throws -> [Row] {
        let records = try BenchRecords(algorithm, signers: plan.signers)
        var trust = TrustStore()
        try trust.add(records.anchor)
        let verifier = CardVerifier(trust: trust)
        let archives = try plan.portraits.map { size in
            let archive = "\(folder.path)/\(algorithm.rawValue)-\(size).archive"
            try records.write(archive, recordsPerSigner: plan.distinct, portraitByteCount: size)
            return archive
        }
        try folder.keep(records.anchor, algorithm)
        defer { if !folder.isKept { for archive in archives { try? FileManager.default.removeItem(atPath: archive) } } }
        let cases = zip(plan.portraits, archives).flatMap { size, archive in
            plan.threads.map { Case(portraitByteCount: size, archive: archive, threads: $0) }
        }
        var measured = [[Measurement]](repeating: [], count: cases.count)
        for _ in 0..<plan.rounds {
            var openssl = try OpenSSLSpeed.verificationsPerSecond(algorithm, seconds: plan.seconds)
            for (index, one) in cases.enumerated() {
                // A machine's speed drifts by more than what is to be told apart: both are measured right after each other.
                if index > 0, plan.rounds > 1 {
                    openssl = try OpenSSLSpeed.verificationsPerSecond(algorithm, seconds: plan.seconds)
                }
                let rate = try rate(verifier, one.archive, one.threads, plan, folder.path)
                measured[index].append(Measurement(rate: rate, openssl: openssl.rate, by: openssl.by))
            }
        }
        return zip(cases, measured).map { one, rounds in
            Row(
                algorithm: algorithm.rawValue, recordsPerSecond: median(rounds.map(\.rate)),
                opensslPerSecond: median(rounds.map(\.openssl)),
                ratio: median(rounds.map { $0.rate / $0.openssl }) / Double(one.threads), threads: one.threads,
                portraitBytes: one.portraitByteCount, signers: plan.signers,
                recordsPerSigner: plan.recordsPerSigner, opensslMeasuredBy: rounds.first?.by ?? "",
                breakEven: algorithm.curve.flatMap { CurveCosts($0)?.breakEven })
        }
    }

    /// What a row is measured with.
    private struct Case {
        let portraitByteCount: Int
        let archive: String
        let threads: Int
    }

    /// What one round found: records in a second, OpenSSL's verifications, and by what those were measured.
    private struct Measurement {
        let rate: Double
        let openssl: Double
        let by: String
    }

    /// Records in a second: of the processor's time for one thread, by the clock on the wall for more.
    private static func rate(
        _ verifier: CardVerifier, _ archive: String, _ threads: Int, _ plan: Plan, _ folder: String
    ) throws -> Double {
        var options = BatchOptions()
        options.threads = threads
        options.maximumTables = plan.tables ?? options.maximumTables
        options.maximumTableByteCount = max(options.maximumTableByteCount, 1 << 30)
        let times = max(1, plan.recordsPerSigner / plan.distinct)
        let start = ThreadClock.process
        let report = try BatchRun(verifier: verifier, options: options)
            .run(Array(repeating: archive, count: times), results: .file("\(folder)/results")) { _ in }
        let seconds = threads == 1 ? ThreadClock.process - start : report.seconds
        let proven = report.summary.outcomes["authenticData"] ?? 0
        guard proven == report.summary.records else {
            throw UsageError(description: "\(report.summary.records - proven) records were not found good: \(report)")
        }
        return Double(report.summary.records) / seconds
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : sorted[sorted.count / 2]
    }

    /// A folder for what is measured with.
    private struct Folder {
        let path: String
        let isKept: Bool

        init(_ kept: String?) throws {
            isKept = kept != nil
            path = kept ?? "\(FileManager.default.temporaryDirectory.path)/cccd-bench-\(UUID().uuidString)"
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        }

        func keep(_ anchor: Certificate, _ algorithm: BenchAlgorithm) throws {
            guard isKept else { return }
            try Data(anchor.der).write(to: URL(filePath: "\(path)/\(algorithm.rawValue).csca"), options: .atomic)
        }

        func finish() { if !isKept { try? FileManager.default.removeItem(atPath: path) } }
    }
}

/// The table for people.
private enum BenchTable {
    static let heading = line([
        "algorithm", "portrait", "threads", "signers", "records each", "records/s", "OpenSSL/s", "ratio",
        "table pays from",
    ])

    static func line(_ row: BenchCommand.Row) -> String {
        line([
            row.algorithm, "\(row.portraitBytes)", "\(row.threads)", "\(row.signers)", "\(row.recordsPerSigner)",
            "\(Int(row.recordsPerSecond))", "\(Int(row.opensslPerSecond))", decimal(row.ratio),
            row.breakEven.map { $0.isFinite ? "\(Int($0.rounded(.up)))" : "never" } ?? "–",
        ])
    }

    private static func line(_ columns: [String]) -> String {
        let widths = [16, 9, 8, 8, 13, 10, 10, 6, 16]
        return zip(columns, widths).enumerated().map { index, pair in
            let space = String(repeating: " ", count: max(0, pair.1 - pair.0.count))
            return index == 0 ? pair.0 + space : space + pair.0
        }.joined(separator: " ")
    }

    private static func decimal(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
    }
}
