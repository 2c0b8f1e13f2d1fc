import FoundationEssentials

/// How a batch is run.
public struct BatchOptions: Sendable {
    /// Threads that judge.
    public var threads = ProcessInfo.processInfo.activeProcessorCount
    /// The form of the inputs.
    public var inputFormat = InputFormat.automatic
    /// The form of the results.
    public var resultFormat = ResultFormat.json
    /// Whether results are written only for records whose data is not proven.
    public var onlyFailures = false
    /// The moment at which validity is judged.
    public var date = Date()
    /// The most tables of signers' keys at a time; none switches them off.
    public var maximumTables = 256
    /// The most memory for those tables, in bytes.
    public var maximumTableByteCount = 192 << 20
    /// Whether signatures and hashes are given to EVP alone, without the arithmetic that makes a batch fast.
    public var asksOnlyEVP = false

    /// All threads, results as JSON lines for every record, judged as of now.
    public init() {}
}

/// How far a batch is.
public struct BatchProgress: Sendable {
    /// Records judged, with those of an earlier run that this one resumes.
    public let records: Int
    /// Records judged by this run.
    public let recordsOfRun: Int
    /// Bytes read of all inputs.
    public let bytes: Int
    /// Bytes of all inputs; nil when they are not known.
    public let totalBytes: Int?
    /// Seconds since this run began.
    public let seconds: Double

    /// Records in a second.
    public var rate: Double { seconds > 0 ? Double(recordsOfRun) / seconds : 0 }

    /// Seconds until the end, as far as it can be told.
    public var secondsLeft: Double? {
        guard let totalBytes, bytes > 0, seconds > 0 else { return nil }
        return max(0, Double(totalBytes - bytes)) * seconds / Double(bytes)
    }
}

/// What a batch came to, and how it went.
public struct BatchReport: Sendable {
    /// What came of the records.
    public let summary: BatchSummary
    /// Seconds that the run took.
    public let seconds: Double
    /// Records judged by this run.
    public let recordsOfRun: Int
    /// Of those, the records that took `CardVerifier` itself.
    public let judgedInFull: Int
    /// Signatures that the fast path accepted.
    public let fastSignatures: Int
    /// Signatures that EVP was asked of.
    public let evpSignatures: Int
    /// Tables of signers' keys at the end, and what they take in bytes.
    public let tables: (count: Int, byteCount: Int)
}
