/// One follower's way through the feed, as the body of his answer.
final class EventStream: HTTPStream {
    private struct State {
        var seen: UInt64
        var pending: [UInt8]
        var hasEnded = false
        var waker: (@Sendable () -> Void)?
        var mustBreathe = false
    }

    private let feed: EventFeed
    private let state: Guarded<State>

    init(_ feed: EventFeed, after number: UInt64, first: [UInt8]) {
        self.feed = feed
        state = Guarded(State(seen: number, pending: first))
    }

    /// The next bytes of the body, at most `limit`.
    func next(_ limit: Int) -> HTTPStreamPiece {
        state.withLock { state in
            if state.pending.isEmpty, !state.hasEnded {
                (state.pending, state.seen) = feed.events(after: state.seen, limit: limit)
                // A comment, to find out whether anybody listens still.
                if state.pending.isEmpty, state.mustBreathe { state.pending = Array(":\n\n".utf8) }
                state.mustBreathe = false
            }
            if !state.pending.isEmpty {
                let piece = Array(state.pending.prefix(limit))
                state.pending.removeFirst(piece.count)
                return .bytes(piece)
            }
            return state.hasEnded ? .end : .nothingYet
        }
    }

    /// Has `action` called once, as soon as there is more; at once when there already is.
    func whenReady(_ action: @escaping @Sendable () -> Void) {
        let isReady = state.withLock { state in
            let isReady = state.hasEnded || state.mustBreathe || feed.lastNumber > state.seen
            if !isReady { state.waker = action }
            return isReady
        }
        if isReady { action() }
    }

    /// There is more to send.
    func wake() {
        let waker = state.withLock { state in
            defer { state.waker = nil }
            return state.waker
        }
        waker?()
    }

    /// Sends something even when there is nothing to tell.
    func breathe() {
        state.withLock { $0.mustBreathe = true }
        wake()
    }

    /// Ends the body after what has been begun.
    func end() {
        state.withLock { $0.hasEnded = true }
        wake()
        feed.unfollow(self)
    }
}
