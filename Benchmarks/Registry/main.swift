// Measures the registry, and is what `kill-test.sh` and `full-disk-test.sh` kill and starve. See the usage text below.
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

func generate(_ count: Int, seed: UInt64) throws {
    var people = InventedPeople(seed: seed)
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

func load(_ file: String, into registry: String, mode: ImportMode) throws {
    var kept = 0
    var phases: [String] = []
    var last = (phase: "", at: ContinuousClock.now)
    let (seconds, processor, memory) = try measured {
        let report = try RegistryImport(source: .file(file), format: .csv, mode: mode).run(
            into: RegistryLocation(registry),
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

func decide(_ name: String, _ rows: Int) throws {
    let location = try RegistryLocation(name)
    let registry = try location.open(readOnly: true)
    let ask = { (number: String) throws -> Bool in
        try registry.decide(EligibilityQuestion(personalNumber: number, facility: "01001")).code != "notFound"
    }
    guard case .file(let path) = location else {
        _ = try time(2_000, rows, ask)
        return print("decide: \(quantiles(try time(20_000, rows, ask)))")
    }
    _ = try time(100_000, rows, ask)
    print("decide: \(quantiles(try time(200_000, rows, ask)))")

    var database: OpaquePointer?
    var statement: OpaquePointer?
    guard unsafe sqlite3_open_v2(path, &database, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil) == SQLITE_OK,
        unsafe sqlite3_prepare_v2(database, "SELECT * FROM insured WHERE id BETWEEN ?1 * 1024 AND ?1 * 1024 + 1023", -1, &statement, nil)
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

/// One number for all rows, and whether SQLite finds the file whole.
func digest(_ registry: String) throws {
    var path = registry
    if case .server(let address) = try RegistryLocation(registry) {
        // Of a copy that is made for it: what the server shows to others.
        path = FileManager.default.temporaryDirectory.appending(path: "digest-\(UUID().uuidString).sqlite").path
        try SharedRegistry(address, copy: path).refreshCopy()
    }
    defer {
        if path != registry {
            for file in [path, path + ".lock"] { try? FileManager.default.removeItem(atPath: file) }
        }
    }
    var database: OpaquePointer?
    guard unsafe sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, nil) == SQLITE_OK else {
        return print("cannot open \(path)")
    }
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func rows(_ sql: String, _ each: (OpaquePointer, Int32) -> Void) -> Int32 {
        var statement: OpaquePointer?
        unsafe sqlite3_prepare_v2(database, sql, -1, &statement, nil)
        defer { unsafe sqlite3_finalize(statement) }
        while true {
            let code = unsafe sqlite3_step(statement)
            guard code == SQLITE_ROW, let statement = unsafe statement else { return code }
            for column in 0..<(unsafe sqlite3_column_count(statement)) { unsafe each(statement, column) }
        }
    }
    func add(_ statement: OpaquePointer, _ column: Int32) {
        let count = unsafe sqlite3_column_bytes(statement, column)
        guard let text = unsafe sqlite3_column_text(statement, column) else { return hash = hash &* 31 &+ 1 }
        hash = unsafe UnsafeBufferPointer(start: text, count: Int(count)).reduce(hash) {
            ($0 ^ UInt64($1)) &* 0x100_0000_01b3
        }
    }
    var integrity = ""
    let checked = unsafe rows("PRAGMA integrity_check") { statement, column in
        integrity += unsafe sqlite3_column_text(statement, column).map { unsafe String(cString: $0) } ?? ""
    }
    let read = unsafe rows("SELECT * FROM insured ORDER BY personal_number, valid_from", add)
    let counted = unsafe rows("SELECT row_count, (SELECT count(*) FROM insured) = row_count FROM state", add)
    let lost = unsafe rows("SELECT number FROM lost_card ORDER BY number", add)
    unsafe sqlite3_close_v2(database)
    guard [checked, read, counted, lost].allSatisfy({ $0 == SQLITE_DONE }) else { return print("cannot read \(path)") }
    print("\(integrity) \(String(hash, radix: 16))")
}

func copy(_ name: String, _ path: String) throws {
    guard case .server(let address) = try RegistryLocation(name) else {
        return print("only a server's registry has copies")
    }
    let (seconds, processor, memory) = try measured {
        print(try SharedRegistry(address, copy: path).refreshCopy())
    }
    print("copied in \(format(seconds)) s, processor \(format(processor)) s, peak memory \(memory) MiB")
}

func quality(_ name: String) throws {
    let registry = try RegistryLocation(name).open(readOnly: true)
    let (seconds, _, memory) = try measured {
        for measure in try registry.quality(now: .now, finding: nil).measures where measure.faulty > 0 {
            print("\(measure.virtue.nameVi) \(measure.fault): \(measure.faulty) of \(measure.examined)")
        }
    }
    print("quality in \(format(seconds)) s, peak memory \(memory) MiB")
}

let arguments = CommandLine.arguments.dropFirst()
do {
    switch (arguments.first, arguments.count) {
    case ("generate", 2): try generate(Int(arguments[2]) ?? 0, seed: 20_260_101)
    case ("generate", 3): try generate(Int(arguments[2]) ?? 0, seed: UInt64(arguments[3]) ?? 0)
    case ("import", 3): try load(arguments[2], into: arguments[3], mode: .full)
    case ("changes", 3): try load(arguments[2], into: arguments[3], mode: .changes)
    case ("decide", 3): try decide(arguments[2], Int(arguments[3]) ?? 1)
    case ("quality", 2): try quality(arguments[2])
    case ("digest", 2): try digest(arguments[2])
    case ("copy", 3): try copy(arguments[2], arguments[3])
    case ("lose", 3):
        try RegistryLocation(arguments[2]).open().reportLost(LostCard(identityCardOf: arguments[3]))
    default:
        print(
            """
            usage: registry-benchmark generate ROWS [SEED]        invented people as CSV on standard output
                   registry-benchmark import FILE.csv REGISTRY    full load, with its time and memory
                   registry-benchmark changes FILE.csv REGISTRY   load of changes, likewise
                   registry-benchmark decide REGISTRY ROWS        time of a decision, beside SQLite's own for the row
                   registry-benchmark copy REGISTRY FILE          bring a copy of a server's registry up to date
                   registry-benchmark quality REGISTRY            time of measuring the data's quality
                   registry-benchmark digest REGISTRY             integrity, and one number for all rows
                   registry-benchmark lose REGISTRY NUMBER        report an ID card lost
            """)
        exit(2)
    }
} catch {
    print("\(error)")
    exit(1)
}
