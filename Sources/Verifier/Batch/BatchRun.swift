import Crypto
import Dispatch
import FoundationEssentials
import Synchronization

/// Judges many stored card images: `CardVerifier`'s verdict on each, in the order of the input, on all processors.
///
///     let run = BatchRun(verifier: CardVerifier(trust: trust), options: BatchOptions())
///     let report = try run.run(["cards.archive"], results: .standardOutput) { _ in }
///
/// Memory does not grow with the number of records: a few blocks are worked on at a time, and what is learned of signers
/// is bounded.
public struct BatchRun: Sendable {
    private let verifier: CardVerifier
    private let options: BatchOptions

    /// Where results go.
    public enum Results: Sendable {
        /// Standard output.
        case standardOutput
        /// A file, which is overwritten.
        case file(String)
        /// A file that an earlier run may have begun, with the state that it left in another.
        case resumable(String, state: String)
    }

    /// - Parameters:
    ///   - verifier: Judges, with its trust store and policy.
    ///   - options: How the batch is run.
    public init(verifier: CardVerifier, options: BatchOptions) {
        self.verifier = verifier
        self.options = options
    }

    /// Judges every record of `inputs`: card archives, folders of card images, tar streams and JSON lines, each told by
    /// itself; `-` is standard input.
    ///
    /// - Parameters:
    ///   - inputs: Paths, in the order in which they are judged.
    ///   - results: Where results go, in the order of the records.
    ///   - progress: Called after each block, by one thread at a time.
    /// - Throws: `BatchError` when an input cannot be read or the results not be written. Bad records are results.
    public func run(
        _ inputs: [String], results: Results, progress: @escaping @Sendable (BatchProgress) -> Void
    ) throws(BatchError) -> BatchReport {
        let encoder = ResultEncoder(format: options.resultFormat)
        let (writer, options) = try OrderedWriter.open(results, inputs, self.options, encoder, progress)
        if writer.isFinished { return writer.report(judged: 0, fast: 0, evp: 0, tables: (0, 0)) }
        let queue = BlockQueue(inputs, options, from: writer.start)
        let memory = BatchMemory(SignerForecast(inputs, options.inputFormat))
        let tables = TableBudget(
            maximumCount: options.maximumTables, maximumByteCount: options.maximumTableByteCount)
        let counts = Mutex((judged: 0, fast: 0, evp: 0))
        let failure = Mutex<BatchError?>(nil)
        let threads = max(1, options.threads)
        // A thread far ahead of the slowest block waits: results wait in memory for those before them.
        let room = DispatchSemaphore(value: 0)
        for _ in 0..<threads * 4 { room.signal() }
        DispatchQueue.concurrentPerform(iterations: threads) { _ in
            do throws(BatchError) {
                let judge = try Self.judge(verifier, options, encoder, memory, tables)
                var worker = BlockWorker(judge, encoder, onlyFailures: options.onlyFailures)
                while failure.withLock({ $0 == nil }) {
                    room.wait()
                    guard let block = try queue.next() else {
                        room.signal()
                        break
                    }
                    for _ in 0..<(try writer.write(worker.process(block))) { room.signal() }
                }
                counts.withLock { counts in
                    counts.judged += judge.judgedCount
                    counts.fast += judge.counts.fast
                    counts.evp += judge.counts.evp
                }
            } catch {
                failure.withLock { $0 = $0 ?? error }
                for _ in 0..<threads { room.signal() }
            }
        }
        if let error = failure.withLock({ $0 }) { throw error }
        try writer.finish()
        let total = counts.withLock { $0 }
        return writer.report(judged: total.judged, fast: total.fast, evp: total.evp, tables: tables.usage)
    }

    private static func judge(
        _ verifier: CardVerifier, _ options: BatchOptions, _ encoder: ResultEncoder, _ memory: BatchMemory,
        _ tables: TableBudget
    ) throws(BatchError) -> RecordJudge {
        do throws(CryptoError) {
            return try RecordJudge(
                verifier, date: options.date, encoder: encoder, memory: memory, tables: tables,
                asksOnlyEVP: options.asksOnlyEVP)
        } catch {
            throw .cryptography("\(error)")
        }
    }
}

/// The blocks of a run, handed out to whichever thread asks.
private final class BlockQueue: Sendable {
    private let reader: Mutex<RecordReader>

    init(_ inputs: [String], _ options: BatchOptions, from position: InputPosition) {
        reader = Mutex(RecordReader(inputs, format: options.inputFormat, from: position))
    }

    func next() throws(BatchError) -> RecordBlock? {
        try reader.withLock { reader throws(BatchError) in try reader.next() }
    }
}
