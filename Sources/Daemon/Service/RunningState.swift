import Dispatch
import Registry

/// What lasts as long as the daemon runs, whatever its configuration becomes meanwhile.
final class RunningState: Sendable {
    let startedAt = Timestamp.now
    /// Does what blocks for a moment; a read has its reader's own thread.
    let workers = WorkerPool(label: "requests", threadCount: 4, capacity: 256)
    /// The readers' own threads.
    let lanes: ReaderLanes
    /// Counts callers' requests.
    let limiter = RateLimiter()
    /// Runs short work at its time.
    let clock = DispatchQueue(label: "cccd.time-limits", attributes: .concurrent)

    /// This terminal's key and certificate.
    let terminal: Terminal
    /// What was done; nil when none of it is kept.
    let audit: AuditLog?
    /// The audit log's file; nil when there is none.
    let auditPath: String?

    /// - Throws: `DaemonError.serviceUnavailable`.
    init(configuration: Configuration, log: Log) throws(DaemonError) {
        do throws(TerminalError) {
            terminal = try Terminal(
                keyPath: configuration.state.terminalKey, certificatePath: configuration.state.terminalCertificate,
                name: configuration.terminal.name)
        } catch {
            throw .serviceUnavailable(name: "terminal's key", reason: "\(error) (see state.folder)")
        }
        auditPath = configuration.audit.enabled ? configuration.state.auditLog : nil
        do throws(AuditError) {
            audit =
                configuration.audit.enabled
                ? try AuditLog(configuration, terminal: terminal, log: log) : nil
        } catch {
            throw .serviceUnavailable(name: "audit log", reason: error.description)
        }
        lanes = ReaderLanes(capacity: configuration.checkIn.queue)
    }
}
