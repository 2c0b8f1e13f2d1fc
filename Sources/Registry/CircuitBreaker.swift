import Synchronization

/// Keeps callers from waiting for a service that does not answer: after some failures in a row it is not asked for a
/// while, which doubles with each further failure; then one caller tries it again.
final class CircuitBreaker: Sendable {
    private struct State {
        var failures = 0
        var openUntil: ContinuousClock.Instant?
    }

    private let state = Mutex(State())
    private let threshold: Int
    private let firstPause: Duration
    private let longestPause: Duration

    /// - Parameters:
    ///   - threshold: failures in a row after which the service is not asked.
    ///   - firstPause: how long it is then not asked.
    init(threshold: Int, firstPause: Duration, longestPause: Duration) {
        self.threshold = threshold
        self.firstPause = firstPause
        self.longestPause = longestPause
    }

    /// Whether the service may be asked now. Of those who come at the end of a pause the first alone may.
    func mayAsk(now: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { state in
            guard let openUntil = state.openUntil else { return true }
            guard now >= openUntil else { return false }
            state.openUntil = now + pause(state.failures)
            return true
        }
    }

    /// The service answered.
    func succeeded() { state.withLock { $0 = State() } }

    /// The service did not answer.
    func failed(now: ContinuousClock.Instant = .now) {
        state.withLock { state in
            state.failures += 1
            if state.failures >= threshold { state.openUntil = now + pause(state.failures) }
        }
    }

    private func pause(_ failures: Int) -> Duration {
        let doublings = min(max(0, failures - threshold), 16)
        return min(firstPause * (1 << doublings), longestPause)
    }
}
