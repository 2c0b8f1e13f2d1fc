// Measures the registry: `generate ROWS > file.csv`, `import file.csv registry.sqlite`, `decide registry.sqlite ROWS`.
import CSQLite
import Foundation
import Registry

/// Seconds on the clock and of the processor, and the largest resident memory of the process so far in MiB.
func measured(_ body: () throws -> Void) rethrows -> (seconds: Double, processor: Double, memory: Int) {
    let clock = ContinuousClock()
    let time = try clock.measure(body)
    var usage = rusage()
    _ = unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    let processor = [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    return (
        Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18, processor, usage.ru_maxrss / 1024
    )
}

func format(_ value: Double, _ digits: Int = 2) -> String {
    String(format: "%.\(digits)f", value)
}

func generate(_ count: Int) throws {
    var people = InventedPeople(seed: 20_260_101)
    var text = InventedPeople.header
    for index in 0..<count {
        text += people.line(index)
        if text.utf8.count > 1 << 20 {
            try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
            text = ""
        }
    }
    try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
}

func load(_ file: String, into path: String) throws {
    var kept = 0
    var phases: [String] = []
    var last = (phase: "", at: ContinuousClock.now)
    let (seconds, processor, memory) = try measured {
        let report = try RegistryImport(source: .file(file), format: .csv).run(
            into: path,
            progress: { progress in
                if progress.phase.rawValue != last.phase {
                    if !last.phase.isEmpty { phases.append("\(last.phase) until here \(last.at.duration(to: .now))") }
                    last = (progress.phase.rawValue, .now)
                }
                return true
            })
        kept = report.kept
        print("read \(report.read), kept \(report.kept), rejected \(report.rejected)")
    }
    phases.append("\(last.phase) \(last.at.duration(to: .now))")
    print(phases.joined(separator: "\n"))
    print(
        "\(kept) rows in \(format(seconds)) s: \(format(Double(kept) / seconds, 0)) rows/s, processor \(format(processor)) s, peak memory \(memory) MiB"
    )
}

/// The median, and the 99th percentile, of single timings in microseconds.
func quantiles(_ samples: [Double]) -> String {
    let sorted = samples.sorted()
    guard !sorted.isEmpty else { return "nothing measured" }
    return "median \(format(sorted[sorted.count / 2])) µs, 99 % \(format(sorted[sorted.count * 99 / 100])) µs"
}

func time(_ count: Int, _ rows: Int, _ body: (String) throws -> Bool) rethrows -> [Double] {
    var random = SplitMix64(state: 7)
    var samples: [Double] = []
    let clock = ContinuousClock()
    for _ in 0..<count {
        let number = InventedPeople.personalNumber(Int(random.next() % UInt64(rows)))
        var found = false
        let time = try clock.measure { found = try body(number) }
        guard found else { continue }
        samples.append(Double(time.components.attoseconds) / 1e12)
    }
    return samples
}

func decide(_ path: String, _ rows: Int) throws {
    let registry = try InsuranceRegistry(path: path, readOnly: true)
    let ask = { (number: String) throws -> Bool in
        try registry.decide(EligibilityQuestion(personalNumber: number, facility: "01001")).code != "notFound"
    }
    _ = try time(100_000, rows, ask)
    print("decide: \(quantiles(try time(200_000, rows, ask)))")

    var database: OpaquePointer?
    var statement: OpaquePointer?
    guard unsafe sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK,
        unsafe sqlite3_prepare_v2(database, "SELECT * FROM insured WHERE personal_number = ?1", -1, &statement, nil)
            == SQLITE_OK
    else { return print("cannot open \(path)") }
    let bare = { (number: String) -> Bool in
        unsafe sqlite3_bind_text(statement, 1, number, -1, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
        let found = unsafe sqlite3_step(statement) == SQLITE_ROW
        unsafe sqlite3_reset(statement)
        return found
    }
    _ = time(100_000, rows, bare)
    print("bare sqlite3_step: \(quantiles(time(200_000, rows, bare)))")
    unsafe sqlite3_finalize(statement)
    unsafe sqlite3_close_v2(database)
}

let arguments = CommandLine.arguments.dropFirst()
do {
    switch (arguments.first, arguments.count) {
    case ("generate", 2): try generate(Int(arguments.last ?? "") ?? 0)
    case ("import", 3): try load(arguments[2], into: arguments[3])
    case ("decide", 3): try decide(arguments[2], Int(arguments[3]) ?? 1)
    default:
        print("usage: registry-benchmark generate ROWS | import FILE.csv REGISTRY | decide REGISTRY ROWS")
        exit(2)
    }
} catch {
    print("\(error)")
    exit(1)
}
