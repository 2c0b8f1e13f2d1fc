/// Whether a load replaces everything or changes single records.
public enum ImportMode: String, Codable, Sendable {
    /// The file is the whole truth: what it does not name is gone afterwards.
    case full
    /// The file's records are put or deleted one by one; all others stay. A record is known by its person and first day.
    case changes
}

/// How the file is written.
public enum ImportFormat: String, Codable, CaseIterable, Sendable {
    /// Comma-separated (RFC 4180), or with semicolons where the header has no comma.
    case csv
    /// Tab-separated, with the same quotes as CSV.
    case tsv
    /// One JSON object per line.
    case jsonLines

    /// By the file's name: `.csv`, `.tsv`, `.tab`, `.jsonl`, `.ndjson`; nil for others.
    public init?(fileName: String) {
        switch fileName.lowercased().split(separator: ".").last {
        case "csv", "txt": self = .csv
        case "tsv", "tab": self = .tsv
        case "jsonl", "ndjson": self = .jsonLines
        default: return nil
        }
    }
}

/// A line that was not kept. Carries no value of it.
public struct RejectedLine: Equatable, Sendable {
    /// The line's number in the file, from 1, where the record begins.
    public let line: Int
    /// The field at fault by our column name; nil when the line as a whole is.
    public let field: String?
    /// What is wrong.
    public let reason: RejectionReason
}

extension RejectedLine: CustomStringConvertible {
    /// `line 17, birthDate: not a date as …`
    public var description: String {
        if let field { "line \(line), \(field): \(reason)" } else { "line \(line): \(reason)" }
    }
}

extension RejectedLine: Encodable {
    private enum CodingKeys: String, CodingKey { case line, field, reason }

    /// Writes the reason as text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(line, forKey: .line)
        try container.encodeIfPresent(field, forKey: .field)
        try container.encode(reason.description, forKey: .reason)
    }
}

/// What a load did, or in a dry run would have done.
public struct ImportReport: Equatable, Sendable, Encodable {
    /// Full or changes.
    public let mode: ImportMode
    /// Nothing was written.
    public let isDryRun: Bool
    /// Records read, good and bad; the header and empty lines do not count.
    public internal(set) var read = 0
    /// Records that are new in the registry; in a full load all that were kept.
    public internal(set) var inserted = 0
    /// Records that a change altered.
    public internal(set) var updated = 0
    /// Records that a change left as they were.
    public internal(set) var unchanged = 0
    /// Records that a change took away.
    public internal(set) var deleted = 0
    /// Lines that were not kept.
    public internal(set) var rejected = 0
    /// The first `rejectedLimit` of them in the order they were found; all go to the caller's closure.
    public internal(set) var rejectedLines: [RejectedLine] = []
    /// Names in the header that were passed over.
    public internal(set) var ignoredColumns: [String] = []
    /// Records in the registry afterwards.
    public internal(set) var total = 0
    /// The moment whose truth the data is.
    public internal(set) var dataAsOf: Timestamp

    /// How many rejected lines a report holds itself.
    public static let rejectedLimit = 1000

    /// Records that were kept.
    public var kept: Int { inserted + updated + unchanged }

    init(mode: ImportMode, isDryRun: Bool, dataAsOf: Timestamp) {
        self.mode = mode
        self.isDryRun = isDryRun
        self.dataAsOf = dataAsOf
    }
}

/// How far a load is.
public struct ImportProgress: Equatable, Sendable {
    /// What the load is doing.
    public enum Phase: String, Sendable {
        /// Reading lines.
        case reading
        /// Sorting what was read.
        case indexing
        /// Putting the new data in the place of the old.
        case publishing
    }

    /// What the load is doing.
    public let phase: Phase
    /// Bytes read.
    public let byteCount: Int
    /// The file's size in bytes; nil for a pipe.
    public let totalByteCount: Int?
    /// Records read.
    public let read: Int
    /// Lines that were not kept.
    public let rejected: Int
}

extension ImportReport: CustomStringConvertible {
    /// Plain sentences for a person: what was read, what became of it, what the registry has now.
    public var description: String {
        var sentences = ["Read \(Self.counted(read, "line")) and kept \(Self.counted(kept, "record"))."]
        if mode == .changes {
            sentences[0] = "Read \(Self.counted(read, "line"))."
            sentences.append(
                "Of the records named, \(inserted) \(Self.be(inserted)) new, \(updated) changed, "
                    + "\(unchanged) stayed as before, and \(deleted) \(Self.be(deleted)) taken away.")
        }
        switch rejected {
        case 0: break
        case 1: sentences.append("1 line was not kept; above is told which and why.")
        default: sentences.append("\(rejected) lines were not kept; above is told which and why.")
        }
        if !ignoredColumns.isEmpty {
            let (what, verb) = ignoredColumns.count == 1 ? ("The column", "was") : ("The columns", "were")
            sentences.append(
                "\(what) \(ignoredColumns.joined(separator: ", ")) \(verb) passed over: nothing here is called so.")
        }
        if isDryRun { sentences.append("This was a dry run: nothing was written.") }
        sentences.append(
            "The registry \(isDryRun ? "would now have" : "now has") \(Self.counted(total, "record")), "
                + "true as of \(dataAsOf).")
        return sentences.joined(separator: "\n")
    }

    private static func counted(_ number: Int, _ noun: String) -> String {
        "\(number) \(noun)\(number == 1 ? "" : "s")"
    }

    private static func be(_ number: Int) -> String { number == 1 ? "is" : "are" }
}
