import Crypto
import Dispatch
import FoundationEssentials
import Registry

/// Keeps what is done, for whoever has to prove it later: written by one thread, many records in one go.
final class AuditLog: Sendable {
    private struct State {
        var waiting = AuditBatch()
        var isClosed = false
        /// Why the last batch could not be written.
        var failure: AuditError?
    }

    /// How long a record that nobody waits for may wait for company.
    private static let patience = DispatchTimeInterval.milliseconds(100)
    /// With so many records waiting, they wait no longer for company.
    private static let enough = 2048
    /// With so many records waiting, callers wait for theirs.
    private static let waitingLimit = 65_536
    /// How often old records are looked for, and how many go at a time.
    private static let retentionPause = Duration.seconds(60)
    private static let retentionStep = 2000

    private let store: AuditStore
    private let subjectKey: SecretBytes
    private let retentionDays: Int?
    private let headInterval: Duration
    private let log: Log
    private let state = Guarded(State())
    private let arrivals = DispatchSemaphore(value: 0)
    private let urgent = DispatchSemaphore(value: 0)
    private let hasEnded = DispatchSemaphore(value: 0)

    /// Opens the log, or begins one, and its key, and begins to write.
    /// - Throws: `AuditError`.
    init(_ configuration: Configuration, terminal: Terminal, log: Log) throws(AuditError) {
        let (path, configuration, state) = (configuration.state.auditLog, configuration.audit, configuration.state)
        do throws(SystemCallError) {
            try StateFile.makeFolder(of: path)
        } catch {
            throw .unusable(path: path, reason: error.description)
        }
        subjectKey = try Self.subjectKey(state.auditKey, makesIt: true)
        store = try AuditStore(path: path, terminal: terminal)
        retentionDays = configuration.retentionDays == 0 ? nil : configuration.retentionDays
        headInterval = .seconds(configuration.headInterval)
        self.log = log
        DispatchQueue(label: "cccd.audit").async { [self] in
            write()
            hasEnded.signal()
        }
    }

    /// Keeps an event; returns when it is on the disk.
    /// - Throws: `AuditError` when it is not.
    func record(_ event: AuditEvent) throws(AuditError) { try enter(event.body) }

    /// Tries on the disk whether an event could be kept, and keeps none.
    /// - Throws: `AuditError` when it could not.
    func tryWriting() throws(AuditError) { try enter(nil) }

    /// Keeps an event within a moment; waits only while the log does not work, or too many records wait.
    /// - Throws: `AuditError` when the log does not work.
    func recordSoon(_ event: AuditEvent) throws(AuditError) {
        if !recordWithoutWaiting(event) { try record(event) }
    }

    /// Keeps an event within a moment.
    /// - Returns: false, and keeps nothing, when the log does not work or too many records wait.
    func recordWithoutWaiting(_ event: AuditEvent) -> Bool { recordWithoutWaiting(event.body) }

    /// Keeps what `AuditEvent.body` is for an event, within a moment.
    /// - Returns: false, and keeps nothing, when the log does not work or too many records wait.
    func recordWithoutWaiting(_ body: [UInt8]) -> Bool {
        let (isAccepted, wakesWriter) = state.withLock { state in
            guard state.failure == nil, state.waiting.count < Self.waitingLimit, !state.isClosed else {
                return (false, (first: false, full: false))
            }
            state.waiting.append(body)
            return (true, (first: state.waiting.count == 1, full: state.waiting.count == Self.enough))
        }
        if wakesWriter.first { arrivals.signal() }
        if wakesWriter.full { urgent.signal() }
        return isAccepted
    }

    /// Writes what waits, and ends.
    func close() {
        let wasClosed = state.withLock { state in
            defer { state.isClosed = true }
            return state.isClosed
        }
        guard !wasClosed else { return }
        urgent.signal()
        arrivals.signal()
        hasEnded.wait()
    }

    /// What stands for a person in the log: HMAC-SHA-256 of the personal number under this terminal's own key.
    func subject(_ personalNumber: String) -> String? { try? Self.subject(personalNumber, key: subjectKey) }

    /// Hashes numbers as `subject` does, for one thread that has many.
    func subjectHash() throws(AuditError) -> HMACSHA256.Hasher {
        do throws(CryptoError) {
            return try HMACSHA256.Hasher(key: subjectKey)
        } catch {
            throw .keyUnusable(reason: error.description)
        }
    }

    static func subject(_ personalNumber: String, key: SecretBytes) throws(AuditError) -> String {
        do throws(CryptoError) {
            return lowerCaseHexadecimal(try HMACSHA256.tag(key: key, message: Array(personalNumber.utf8)))
        } catch {
            throw .keyUnusable(reason: error.description)
        }
    }

    /// The key of the hashes: 32 bytes.
    static func subjectKey(_ path: String, makesIt: Bool) throws(AuditError) -> SecretBytes {
        do throws(TerminalError) {
            if var bytes = try StateFile.read(path, limit: 4096) {
                defer { wipe(&bytes) }
                guard bytes.count == 32 else { throw .unusableFile(path: path, reason: "it must have 32 bytes") }
                return SecretBytes(bytes)
            }
            guard makesIt else { throw .unusableFile(path: path, reason: "it is not there") }
            guard let key = try? SecretBytes(randomCount: 32) else { throw .cryptography("no random bytes") }
            try StateFile.create(path, key.bytes)
            return key
        } catch {
            throw .keyUnusable(reason: error.description)
        }
    }

    // MARK: The writing thread

    /// Has a record written, or with nil tried whether one could be, and waits for that.
    private func enter(_ body: [UInt8]?) throws(AuditError) {
        let result = Guarded<AuditError?>(nil)
        let isDone = DispatchSemaphore(value: 0)
        let isAccepted = state.withLock { state in
            guard !state.isClosed else { return false }
            state.waiting.append(body) { error in
                result.withLock { $0 = error }
                isDone.signal()
            }
            return true
        }
        guard isAccepted else { throw .closed }
        urgent.signal()
        arrivals.signal()
        isDone.wait()
        if let error = result.withLock({ $0 }) { throw error }
    }

    private func write() {
        var keptHeadAt: ContinuousClock.Instant?
        var retainedAt: ContinuousClock.Instant?
        var retention = retentionDays.map { AuditRetention(days: $0) }
        var isPutOff = false
        // What stood here before goes back with its room: the two take turns.
        var batch = AuditBatch()
        while true {
            _ = arrivals.wait(timeout: .now() + 60)
            if state.withLock({ !$0.waiting.isEmpty && !$0.waiting.isAwaited && !$0.isClosed }) {
                _ = urgent.wait(timeout: .now() + Self.patience)
            }
            batch.removeAll()
            let isClosed = state.withLock { state in
                let waiting = state.waiting
                state.waiting = batch
                batch = waiting
                return state.isClosed
            }
            let now = ContinuousClock.now
            if !batch.isEmpty {
                let isHeadDue = isClosed || keptHeadAt.map { now - $0 >= headInterval } ?? true
                let keepsHead = isHeadDue && batch.count > 0
                if write(batch, keepsHead: keepsHead), keepsHead { keptHeadAt = now }
            }
            if isClosed, state.withLock({ $0.waiting.isEmpty }) { return }
            if retainedAt.map({ now - $0 >= Self.retentionPause }) ?? true {
                // When there was a whole step to remove there is probably more.
                let outcome = removeOld(&retention)
                if outcome.removed < Self.retentionStep { retainedAt = now } else { arrivals.signal() }
                if outcome.isPutOff, !isPutOff {
                    log.notice("old audit records are kept until the clock has been the same for a day")
                }
                isPutOff = outcome.isPutOff
            }
        }
    }

    private func write(_ batch: AuditBatch, keepsHead: Bool) -> Bool {
        let failure: AuditError?
        do throws(AuditError) {
            if batch.count > 0 {
                try store.append(batch, at: Timestamp.now.description, keepsHead: keepsHead)
            } else {
                try store.tryWriting()
            }
            failure = nil
        } catch {
            failure = error
        }
        let isNews = state.withLock { state in
            // That one could be written clears nothing: those that wait for nobody go on when one was.
            guard failure != nil || batch.count > 0 else { return false }
            defer { state.failure = failure }
            return state.failure != failure
        }
        if isNews, let failure { log.error("the audit log cannot be written", .cause(failure.description)) }
        if isNews, failure == nil { log.notice("the audit log is written again") }
        batch.tell(failure)
        return failure == nil
    }

    private func removeOld(_ retention: inout AuditRetention?) -> AuditRetention.Outcome {
        do throws(AuditError) {
            let outcome = try retention?.removeOld(from: store, limit: Self.retentionStep) ?? AuditRetention.Outcome()
            if outcome.removed > 0 { log.notice("old audit records removed", .count("records", outcome.removed)) }
            return outcome
        } catch {
            log.error("old audit records could not be removed", .cause(error.description))
            return AuditRetention.Outcome()
        }
    }
}
