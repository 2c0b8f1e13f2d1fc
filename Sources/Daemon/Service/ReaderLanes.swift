/// One thread and one bounded queue for each reader: a reader does one read at a time, and readers do not wait for each
/// other.
final class ReaderLanes: Sendable {
    private let capacity: Int
    private let lanes = Guarded<[String: WorkerPool]>([:])

    /// - Parameter capacity: How many reads may wait for one reader.
    init(capacity: Int) { self.capacity = capacity }

    /// Has `job` done when it is its turn on `reader`.
    /// - Parameter present: The readers that are plugged in; the lanes of others are given up once they are empty.
    /// - Returns: false, and forgets the job, when too many wait already.
    func submit(to reader: String, present: [String], _ job: @escaping @Sendable () -> Void) -> Bool {
        let lane = lanes.withLock { lanes in
            for absent in lanes.keys where absent != reader && !present.contains(absent) { lanes[absent] = nil }
            if let lane = lanes[reader] { return lane }
            let lane = WorkerPool(label: "reader", threadCount: 1, capacity: capacity)
            lanes[reader] = lane
            return lane
        }
        return lane.submit(job)
    }
}
