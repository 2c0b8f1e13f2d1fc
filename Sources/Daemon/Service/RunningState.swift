import Dispatch
import Registry

/// What lasts as long as the daemon runs, whatever its configuration becomes meanwhile.
final class RunningState: @unchecked Sendable {
    let startedAt = Timestamp.now
    /// Does what blocks for a moment; a read has its reader's own thread.
    let workers = WorkerPool(label: "requests", threadCount: 4, capacity: 256)
    /// Decodes portraits, each in a process of its own; so many at a time, and so many may wait.
    let decoders = WorkerPool(label: "portraits", threadCount: 2, capacity: 16)
    /// Judges card images; those who send many wait for each other, and hold up nobody else.
    let verifiers = WorkerPool(label: "verifications", threadCount: 2, capacity: 64)
    /// The pages that users opened.
    let pages = PageSessions()
    /// The portraits of the latest check-ins.
    let portraits = CheckInPortraits()
    /// The readers' own threads.
    let lanes: ReaderLanes
    /// What is counted.
    let metrics = Metrics()
    /// How many connections are open.
    let connectionCount = Guarded<@Sendable () -> Int>({ 0 })
    /// Counts callers' requests.
    let limiter = RateLimiter()
    /// Runs short work at its time.
    let clock = DispatchQueue(label: "cccd.time-limits", attributes: .concurrent)

    /// What happens, for those who follow it.
    let feed = EventFeed()
    /// How readers and cards come and go.
    let readerEvents: ReaderEvents
    private let breath: any DispatchSourceTimer
    private let watch = Guarded<(any ReaderWatch)?>(nil)

    /// Where the daemon answers; set once, before requests come.
    var socketPath: String?

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
        readerEvents = ReaderEvents(feed: feed, choice: ReaderChoice(patterns: configuration.readers.names))
        breath = DispatchSource.makeTimerSource(queue: clock)
        breath.schedule(deadline: .now() + 15, repeating: 15, leeway: .seconds(1))
        breath.setEventHandler { [feed, portraits] in
            feed.breatheAll()
            portraits.forgetOld()
        }
        breath.activate()
    }

    /// Begins to follow readers and cards.
    func watchReaders(at desk: any CardDesk) {
        let events = readerEvents
        let started = desk.watch { events.take($0) }
        watch.withLock { $0 = started }
    }

    /// Ends what runs beside the requests; to be called once, after the last of them.
    func end() {
        breath.cancel()
        watch.withLock { watch in
            defer { watch = nil }
            return watch
        }?.stop()
        feed.endAll()
        portraits.forgetAll()
        audit?.close()
    }
}
