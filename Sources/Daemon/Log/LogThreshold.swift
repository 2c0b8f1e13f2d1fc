import Synchronization

/// The least grave level that is logged; may change while the daemon runs.
final class LogThreshold: Sendable {
    private let rawValue: Atomic<Int>

    init(_ level: Log.Level) { rawValue = Atomic(level.rawValue) }

    func includes(_ level: Log.Level) -> Bool { level.rawValue <= rawValue.load(ordering: .relaxed) }

    func set(_ level: Log.Level) { rawValue.store(level.rawValue, ordering: .relaxed) }
}
