import Dispatch
import Synchronization

/// Follows readers and cards for as long as a program runs, also when pcscd is started later or again.
///
/// Call `follow` from a thread of your own, or `nextChange(from:timeLimit:)` in a loop; `stop()` from any other.
public final class ReaderMonitor: Sendable {
    private struct State {
        var context: PCSCContext?
        var isStopped = false
    }

    private let state = Mutex(State())
    /// Signalled by `stop()`.
    private let stopped = DispatchSemaphore(value: 0)

    /// How long to wait before asking for pcscd again.
    private static let pause = DispatchTimeInterval.milliseconds(250)

    /// A monitor that connects to pcscd when it is first asked.
    public init() {}

    /// Tells everything that comes and goes, at first what is there, until `stop()`. Waits for pcscd where that is not
    /// running, also after it ended.
    ///
    /// Nothing is read here: give each reader a thread of its own, so that none waits for another.
    ///
    /// - Parameter tell: Called on the caller's thread.
    public func follow(_ tell: (ReaderChange) -> Void) {
        var isThere = false
        var known: [ReaderState] = []
        while true {
            do throws(CardReaderError) {
                let now = try isThere ? nextChange(from: known) : readers()
                if !isThere { tell(.serviceCame) }
                isThere = true
                ReaderChange.between(known, now).forEach(tell)
                known = now
            } catch .cancelled {
                return
            } catch {
                ReaderChange.between(known, []).forEach(tell)
                if isThere { tell(.serviceWent) }
                (isThere, known) = (false, [])
                _ = stopped.wait(timeout: .now() + Self.pause)
            }
        }
    }

    private func readers() throws(CardReaderError) -> [ReaderState] {
        let context = try connected()
        do { return try context.readers() } catch {
            state.withLock { $0.context = nil }
            throw error
        }
    }

    /// Waits until readers or cards are not as in `known`, which the last call returned (at first: none).
    ///
    /// - Parameters:
    ///   - known: What the last call returned.
    ///   - timeLimit: How long to wait at most; nil waits until `stop()`.
    /// - Returns: The readers as they are now; the same as `known` when the time passed without a change.
    /// - Throws: `cancelled` after `stop()`; `serviceUnavailable` when pcscd is not running: wait a moment and call
    ///   again with `known` empty.
    public func nextChange(
        from known: [ReaderState], timeLimit: Duration? = nil
    ) throws(CardReaderError) -> [ReaderState] {
        let context = try connected()
        do {
            return try context.waitForChange(from: known, timeLimit: timeLimit)
        } catch {
            if error != .cancelled { state.withLock { $0.context = nil } }
            throw error
        }
    }

    /// Ends the wait under way, and every later one, with `cancelled`.
    public func stop() {
        let context = state.withLock { state in
            state.isStopped = true
            return state.context
        }
        context?.cancel()
        stopped.signal()
    }

    private func connected() throws(CardReaderError) -> PCSCContext {
        let (known, isStopped) = state.withLock { ($0.context, $0.isStopped) }
        guard !isStopped else { throw .cancelled }
        if let known { return known }
        let context = try PCSCContext()
        let wasStopped = state.withLock { state in
            state.context = context
            return state.isStopped
        }
        guard !wasStopped else { throw .cancelled }
        return context
    }
}
