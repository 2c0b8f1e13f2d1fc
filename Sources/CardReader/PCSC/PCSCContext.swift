import Synchronization

/// A connection to the PC/SC daemon: which readers there are, and what comes and goes.
///
/// All calls block; use a context from one thread of your own. Only `cancel()` may be called from another. When pcscd
/// ends, every call throws `serviceUnavailable`, and only a new context helps.
public final class PCSCContext: Sendable {
    private let context: PCSCLibrary.Context
    private let isCancelled = Atomic(false)

    /// How long one wait lasts before it is looked whether there was a `cancel()` or a reader that came between two
    /// calls.
    private static let slice = Duration.seconds(2)

    /// - Throws: `serviceUnavailable` when pcscd is not running.
    public init() throws(CardReaderError) {
        do { context = try PCSCLibrary.establishContext() } catch { throw error.asError() }
    }

    deinit { PCSCLibrary.releaseContext(context) }

    /// The readers that are plugged in, in PC/SC's order; empty when there are none.
    public func readers() throws(CardReaderError) -> [ReaderState] {
        do { return try states(of: PCSCLibrary.readers(context)) } catch { throw error.asError() }
    }

    /// Waits until readers or cards are not as in `known`, which the last call returned, and tells how they are now.
    ///
    /// - Parameters:
    ///   - known: What the last call returned.
    ///   - timeLimit: How long to wait at most; nil waits until `cancel()`.
    /// - Returns: The readers as they are now; the same as `known` when the time passed without a change.
    /// - Throws: `cancelled`, `serviceUnavailable`, `readerFailure`.
    public func waitForChange(
        from known: [ReaderState], timeLimit: Duration? = nil
    ) throws(CardReaderError) -> [ReaderState] {
        let deadline = timeLimit.map { ContinuousClock.now + $0 }
        while true {
            guard !isCancelled.load(ordering: .acquiring) else { throw .cancelled }
            let rest = deadline.map { max(.zero, ContinuousClock.now.duration(to: $0)) } ?? Self.slice
            do {
                let names = try PCSCLibrary.readers(context)
                guard names == known.map(\.name) else { return try states(of: names) }
                let events = known.map { PCSCLibrary.ReaderEvent(reader: $0.name, state: $0.eventState) }
                let plugAndPlay = PCSCLibrary.ReaderEvent(reader: PCSCLibrary.plugAndPlay, state: 0)
                let changed = try PCSCLibrary.waitForChange(
                    context, from: events + [plugAndPlay], milliseconds: min(rest, Self.slice).milliseconds)
                let states = changed.dropLast().map(ReaderState.init)
                if states != known { return try self.states(of: PCSCLibrary.readers(context)) }
            } catch  where error.code == .timeout {
            } catch  where error.code == .unknownReader {
                // A reader was unplugged between the two calls; the next round tells.
            } catch {
                throw error.asError()
            }
            if let deadline, ContinuousClock.now >= deadline { return known }
        }
    }

    /// Ends the wait that another thread is in, and every later one, with `cancelled`.
    public func cancel() {
        isCancelled.store(true, ordering: .releasing)
        PCSCLibrary.cancel(context)
    }

    /// Connects to the card in a reader. The connection is independent of this context and may be used from another
    /// thread.
    ///
    /// - Parameters:
    ///   - reader: A name from `readers()`.
    ///   - timeLimit: How long to wait while another program has the reader.
    /// - Throws: `noCard`, `cardMute`, `readerInUse`, `readerUnavailable`, `serviceUnavailable`.
    public func connect(reader: String, timeLimit: Duration = .seconds(5)) throws(CardReaderError) -> PCSCCard {
        try PCSCCard(reader: reader, timeLimit: timeLimit)
    }

    private func states(of names: [String]) throws(PCSCFailure) -> [ReaderState] {
        guard !names.isEmpty else { return [] }
        let unaware = names.map { PCSCLibrary.ReaderEvent(reader: $0, state: 0) }
        return try PCSCLibrary.waitForChange(context, from: unaware, milliseconds: 0).map(ReaderState.init)
    }
}

extension Duration {
    /// Whole milliseconds, rounded up, never negative.
    var milliseconds: UInt {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return UInt(min(seconds, 4_000_000)) * 1000 + UInt((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
