/// One load of a file into a registry: in full or as changes.
///
///     let load = RegistryImport(source: .file("insured.csv"), format: .csv)
///     let report = try load.run(into: "/var/lib/cccd/registry.sqlite") { print($0) }
///
/// Good lines are kept and every bad one is told by number, field and reason. Readers of the registry see the old data
/// until the new is whole; a load that fails, is stopped or killed leaves the old data as it was. Running the same load
/// again gives the same registry.
public struct RegistryImport: Sendable {
    /// Where the records come from.
    public enum Source: Sendable {
        /// A file, by its path; `-` is standard input.
        case file(String)
        /// The file's bytes.
        case bytes([UInt8])
    }

    /// Where the records come from.
    public var source: Source
    /// How they are written.
    public var format: ImportFormat
    /// Whether they replace everything.
    public var mode: ImportMode
    /// Reads and checks everything, and writes nothing.
    public var isDryRun: Bool
    /// The moment whose truth the data is; nil takes the file's last change, or now.
    public var dataAsOf: Timestamp?
    /// How old the source promises its data to be at most, in seconds; nil keeps what the registry has.
    public var promisedAge: Int?

    /// Promises are kept between none and a hundred years, so that reckoning with them cannot overflow.
    static func boundedAge(_ seconds: Int) -> Int { min(max(seconds, 0), 3_155_760_000) }

    /// A load that replaces everything, unless told otherwise.
    public init(
        source: Source, format: ImportFormat, mode: ImportMode = .full, isDryRun: Bool = false,
        dataAsOf: Timestamp? = nil, promisedAge: Int? = nil
    ) {
        self.source = source
        self.format = format
        self.mode = mode
        self.isDryRun = isDryRun
        self.dataAsOf = dataAsOf
        self.promisedAge = promisedAge
    }

    /// Loads into the registry at `path`. A full load makes the registry when there is none.
    ///
    /// - Parameters:
    ///   - progress: told now and then; false stops the load.
    ///   - rejected: told each line that is not kept.
    /// - Throws: `RegistryError`; whatever it is, the registry is as it was.
    public func run(
        into path: String,
        progress: @escaping (ImportProgress) -> Bool = { _ in true },
        rejected: @escaping (RejectedLine) -> Void = { _ in }
    ) throws(RegistryError) -> ImportReport {
        try run(into: .file(path), progress: progress, rejected: rejected)
    }

    /// Loads into a registry in a file or on a server; otherwise as `run(into:progress:rejected:)` with a path.
    public func run(
        into location: RegistryLocation,
        progress: @escaping (ImportProgress) -> Bool = { _ in true },
        rejected: @escaping (RejectedLine) -> Void = { _ in }
    ) throws(RegistryError) -> ImportReport {
        let window: InputWindow
        let totalByteCount: Int?
        var moment = dataAsOf
        switch source {
        case .file(let file):
            let input = try InputFile(path: file)
            totalByteCount = input.byteCount
            if moment == nil, totalByteCount != nil {
                moment = FileSystem.modificationTime(file).map(Timestamp.init(secondsSince1970:))
            }
            window = InputWindow(input)
        case .bytes(let bytes):
            totalByteCount = bytes.count
            window = InputWindow(bytes)
        }
        let report = ImportReport(mode: mode, isDryRun: isDryRun, dataAsOf: moment ?? .now)
        let reading = LoadReading(plan: self, totalByteCount: totalByteCount, progress: progress, rejected: rejected)
        switch location {
        case .file(let path):
            return try run(window, LoadJob(reading: reading, path: FileSystem.resolved(path)), report)
        case .server(let address):
            return try run(window, PostgreSQLLoad(reading: reading, address: address), report)
        }
    }

    private func run(
        _ window: consuming InputWindow, _ target: some LoadTarget, _ report: ImportReport
    ) throws(RegistryError) -> ImportReport {
        switch format {
        case .csv: try target.run(DelimitedReader(window, separator: nil), report)
        case .tsv: try target.run(DelimitedReader(window, separator: UInt8(ascii: "\t")), report)
        case .jsonLines: try target.run(JSONLinesReader(window), report)
        }
    }
}
