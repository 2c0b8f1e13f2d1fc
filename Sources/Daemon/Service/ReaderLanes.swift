import Dispatch

/// One line of waiting work for each reader: a reader does one read at a time, the others wait in order, and readers do
/// not wait for each other.
final class ReaderLanes: Sendable {
    /// One read that waits for its reader.
    struct Job: Sendable {
        /// Ends the waiting at once when it is set.
        var cancellation: Cancellation
        /// Told how many are before it, whenever that changes.
        var moved: @Sendable (_ place: Int) -> Void
        /// Called in place of `run` when it was cancelled while it waited.
        var cancelled: @Sendable () -> Void
        /// The work; blocks.
        var run: @Sendable () -> Void
    }

    private struct Lane {
        var isBusy = false
        var waiting: [(ticket: UInt64, job: Job)] = []
    }

    private struct State {
        var capacity: Int
        var lanes: [String: Lane] = [:]
        var nextTicket: UInt64 = 1
    }

    private let state: Guarded<State>

    /// - Parameter capacity: How many reads may wait for one reader.
    init(capacity: Int) { state = Guarded(State(capacity: capacity)) }

    /// Lets another number of reads wait from now on.
    func setCapacity(_ capacity: Int) { state.withLock { $0.capacity = capacity } }

    /// Whether the reader is being used, and how many wait for it.
    func load(of reader: String) -> (isBusy: Bool, waiting: Int) {
        state.withLock { ($0.lanes[reader]?.isBusy ?? false, $0.lanes[reader]?.waiting.count ?? 0) }
    }

    /// All reads that wait for their reader.
    var waitingCount: Int { state.withLock { $0.lanes.values.reduce(0) { $0 + $1.waiting.count } } }

    /// Has `job` done when it is its turn on `reader`.
    /// - Parameter mayWait: Whether it may wait when the reader is being used.
    /// - Returns: false, and forgets the job, when it may not wait, or too many do already.
    func submit(to reader: String, mayWait: Bool, _ job: Job) -> Bool {
        enum Entry {
            case refused, running
            case waiting(ticket: UInt64, place: Int)
        }
        let entry = state.withLock { state -> Entry in
            var lane = state.lanes[reader] ?? Lane()
            defer { state.lanes[reader] = lane }
            guard lane.isBusy else {
                lane.isBusy = true
                return .running
            }
            guard mayWait, lane.waiting.count < state.capacity else { return .refused }
            let ticket = state.nextTicket
            state.nextTicket += 1
            lane.waiting.append((ticket, job))
            return .waiting(ticket: ticket, place: lane.waiting.count)
        }
        switch entry {
        case .refused: return false
        case .running: start(job, on: reader)
        case .waiting(let ticket, let place):
            job.moved(place)
            job.cancellation.onCancel { [weak self] in self?.leave(reader, ticket) }
        }
        return true
    }

    /// Runs a job on a thread of its own, then the next one.
    private func start(_ job: Job, on reader: String) {
        // A serial queue that keeps its thread: whatever blocks in a job holds up this thread alone.
        DispatchQueue(label: "cccd.reader").async { [self] in
            var current = job
            while true {
                current.run()
                guard let next = advance(reader) else { return }
                current = next
            }
        }
    }

    /// The job whose turn it is now; the reader is free when there is none.
    private func advance(_ reader: String) -> Job? {
        let (next, behind) = state.withLock { state -> (Job?, [Job]) in
            guard var lane = state.lanes[reader], !lane.waiting.isEmpty else {
                state.lanes[reader] = nil
                return (nil, [])
            }
            let next = lane.waiting.removeFirst().job
            state.lanes[reader] = lane
            return (next, lane.waiting.map(\.job))
        }
        for (place, job) in behind.enumerated() { job.moved(place + 1) }
        return next
    }

    /// Takes a job that was cancelled out of the line; others move up.
    private func leave(_ reader: String, _ ticket: UInt64) {
        let (job, behind) = state.withLock { state -> (Job?, ArraySlice<(ticket: UInt64, job: Job)>) in
            guard var lane = state.lanes[reader],
                let index = lane.waiting.firstIndex(where: { $0.ticket == ticket })
            else { return (nil, []) }
            let job = lane.waiting.remove(at: index).job
            state.lanes[reader] = lane
            return (job, lane.waiting[index...])
        }
        job?.cancelled()
        for (place, entry) in zip(behind.indices, behind) { entry.job.moved(place + 1) }
    }
}
