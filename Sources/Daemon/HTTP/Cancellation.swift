/// Tells work under way that nobody waits for its answer any more.
///
/// Set once and never unset. Long work asks `isCancelled` now and then, or has itself told by `onCancel`.
final class Cancellation: Sendable {
    private struct State {
        var isCancelled = false
        var actions: [@Sendable () -> Void] = []
    }

    private let state = Guarded(State())

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Runs `action` when this is cancelled, on the thread that cancels; at once if it already is.
    func onCancel(_ action: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            if !state.isCancelled { state.actions.append(action) }
            return state.isCancelled
        }
        if isLate { action() }
    }

    func cancel() {
        let actions = state.withLock { state in
            defer { state.actions = [] }
            state.isCancelled = true
            return state.actions
        }
        for action in actions { action() }
    }
}
