import Dispatch

/// Threads that do blocking work, one job at a time each, with a bounded queue before them.
final class WorkerPool: Sendable {
    private let queue: JobQueue

    /// - Parameters:
    ///   - threadCount: How many jobs run at the same time.
    ///   - capacity: How many further jobs may wait for their turn.
    init(label: String, threadCount: Int, capacity: Int) {
        let queue = JobQueue(threadCount: threadCount, capacity: capacity)
        self.queue = queue
        for number in 0..<threadCount {
            // A serial queue that keeps its thread: whatever blocks in a job holds up this thread alone.
            DispatchQueue(label: "cccd.\(label).\(number)").async { queue.work() }
        }
    }

    /// What waits is still done; then the threads end.
    deinit { queue.close() }

    /// Has `job` done as soon as a thread is free.
    /// - Returns: false, and forgets the job, when too many wait already.
    func submit(_ job: @escaping @Sendable () -> Void) -> Bool { queue.append(job) }
}

private final class JobQueue: Sendable {
    private struct State {
        var waiting: [@Sendable () -> Void] = []
        var unfinished = 0
        var isClosed = false
    }

    private let state = Guarded(State())
    private let arrivals = DispatchSemaphore(value: 0)
    private let threadCount: Int
    private let capacity: Int

    init(threadCount: Int, capacity: Int) {
        self.threadCount = threadCount
        self.capacity = capacity
    }

    func append(_ job: @escaping @Sendable () -> Void) -> Bool {
        let isAccepted = state.withLock { state in
            guard state.unfinished < threadCount + capacity else { return false }
            state.unfinished += 1
            state.waiting.append(job)
            return true
        }
        if isAccepted { arrivals.signal() }
        return isAccepted
    }

    func close() {
        state.withLock { $0.isClosed = true }
        for _ in 0..<threadCount { arrivals.signal() }
    }

    func work() {
        while true {
            arrivals.wait()
            let job = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
            guard let job else {
                if state.withLock({ $0.isClosed }) { return }
                continue
            }
            job()
            state.withLock { $0.unfinished -= 1 }
        }
    }
}
