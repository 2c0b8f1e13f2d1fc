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
    let clock = DispatchQueue(label: "cccd.time-limits")

    init(configuration: Configuration) {
        lanes = ReaderLanes(capacity: configuration.checkIn.queue)
    }
}
