import FoundationEssentials
import Synchronization

/// Writes the results of blocks in the order of the input, however they come, and keeps the state of the run.
final class OrderedWriter: Sendable {
    /// From where the inputs are read.
    let start: InputPosition
    /// Whether an earlier run did all of it.
    let isFinished: Bool
    private let file: ResultFile
    private let state: (path: String, setting: BatchState.Setting)?
    private let progress: @Sendable (BatchProgress) -> Void
    private let totals: InputTotals
    private let began = ContinuousClock.now
    private let shared: Mutex<Shared>

    private struct Shared {
        var nextNumber = 0
        var waiting: [Int: BlockWorker.Result] = [:]
        var position: InputPosition
        var summary: BatchSummary
        var outputByteCount: Int
        var saved = ContinuousClock.now
    }

    /// Opens the results, and for a run that is resumed takes over what the earlier one left: its date too, so that all
    /// results are of one moment.
    static func open(
        _ results: BatchRun.Results, _ inputs: [String], _ options: BatchOptions, _ encoder: ResultEncoder,
        _ progress: @escaping @Sendable (BatchProgress) -> Void
    ) throws(BatchError) -> (OrderedWriter, BatchOptions) {
        var options = options
        var setting = BatchState.Setting(
            inputs: inputs, inputFormat: options.inputFormat.rawValue, resultFormat: options.resultFormat.rawValue,
            onlyFailures: options.onlyFailures, date: options.date.timeIntervalSince1970)
        var state: String?
        var earlier: BatchState?
        let file: ResultFile
        switch results {
        case .standardOutput: file = .standardOutput
        case .file(let path): file = try ResultFile(path, keeping: 0)
        case .resumable(let path, let statePath):
            state = statePath
            earlier = try BatchState.load(statePath)
            if let earlier {
                setting.date = earlier.setting.date
                guard earlier.setting == setting else {
                    throw .foreignState(path: statePath, reason: "it is of other inputs or of other options")
                }
                options.date = Date(timeIntervalSince1970: setting.date)
            }
            file = try ResultFile(path, keeping: earlier?.outputByteCount ?? 0)
        }
        let writer = OrderedWriter(
            file: file, state: state.map { ($0, setting) }, earlier: earlier, inputs: inputs, progress: progress)
        if earlier == nil { try writer.writeHeader(encoder.header) }
        return (writer, options)
    }

    private init(
        file: ResultFile, state: (String, BatchState.Setting)?, earlier: BatchState?, inputs: [String],
        progress: @escaping @Sendable (BatchProgress) -> Void
    ) {
        self.file = file
        self.state = state
        self.progress = progress
        totals = InputTotals(inputs)
        let position = earlier?.position ?? InputPosition()
        start = position
        isFinished = earlier?.isFinished ?? false
        shared = Mutex(
            Shared(
                position: position, summary: earlier?.summary ?? BatchSummary(),
                outputByteCount: earlier?.outputByteCount ?? 0))
    }

    private func writeHeader(_ header: [UInt8]) throws(BatchError) {
        try shared.withLock { shared throws(BatchError) in
            try file.write(header)
            shared.outputByteCount += header.count
            try save(&shared, isFinished: false)
        }
    }

    /// Takes a block's results, and writes those whose turn it is.
    ///
    /// - Returns: How many blocks were written.
    func write(_ result: BlockWorker.Result) throws(BatchError) -> Int {
        try shared.withLock { shared throws(BatchError) in
            shared.waiting[result.number] = result
            var written = 0
            while let next = shared.waiting.removeValue(forKey: shared.nextNumber) {
                try file.write(next.output)
                shared.nextNumber += 1
                shared.outputByteCount += next.output.count
                shared.summary.add(next.summary)
                shared.position = next.next
                written += 1
            }
            if written > 0 {
                if ContinuousClock.now - shared.saved > .seconds(1) { try save(&shared, isFinished: false) }
                progress(currentProgress(shared))
            }
            return written
        }
    }

    /// Ends the run: the state says that all is done.
    func finish() throws(BatchError) {
        try shared.withLock { shared throws(BatchError) in try save(&shared, isFinished: true) }
    }

    func report(
        judged: Int, fast: Int, evp: Int, tables: (count: Int, byteCount: Int)
    ) -> BatchReport {
        shared.withLock { shared in
            BatchReport(
                summary: shared.summary, seconds: seconds, recordsOfRun: shared.position.record - start.record,
                judgedInFull: judged, fastSignatures: fast, evpSignatures: evp, tables: tables)
        }
    }

    private var seconds: Double {
        let duration = ContinuousClock.now - began
        return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    private func currentProgress(_ shared: borrowing Shared) -> BatchProgress {
        let done = totals.bytes(before: shared.position) - totals.bytes(before: start)
        let all = totals.total.map { $0 - totals.bytes(before: start) }
        return BatchProgress(
            records: shared.position.record, recordsOfRun: shared.position.record - start.record, bytes: done,
            totalBytes: all, seconds: seconds)
    }

    private func save(_ shared: inout Shared, isFinished: Bool) throws(BatchError) {
        guard let state else { return }
        try file.synchronize()
        try BatchState(
            setting: state.setting, position: shared.position, outputByteCount: shared.outputByteCount,
            summary: shared.summary, isFinished: isFinished
        ).save(state.path)
        shared.saved = .now
    }
}

/// How many bytes the inputs have, for telling the time that is left.
private struct InputTotals: Sendable {
    private let sizes: [Int?]

    init(_ inputs: [String]) {
        sizes = inputs.map { path in
            guard path != "-", let attributes = try? FileManager.default.attributesOfItem(atPath: path),
                attributes[.type] as? FileAttributeType == .typeRegular
            else { return nil }
            return attributes[.size].flatMap { Int("\($0)") }
        }
    }

    /// Nil when the size of an input is not known.
    var total: Int? { sizes.contains { $0 == nil } ? nil : sizes.reduce(0) { $0 + ($1 ?? 0) } }

    func bytes(before position: InputPosition) -> Int {
        sizes.prefix(position.input).reduce(0) { $0 + ($1 ?? 0) } + position.offset
    }
}
