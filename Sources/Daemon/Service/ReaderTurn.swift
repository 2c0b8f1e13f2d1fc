import CardReader
import Dispatch

/// Has calls use a reader when it is their turn: finds the reader that is meant, lets them wait in its line, and ends in time
/// what takes too long.
struct ReaderTurn: Sendable {
    private let desk: any CardDesk
    private let choice: ReaderChoice
    private let timeLimit: Duration
    private let running: RunningState
    private let log: Log

    init(services: DaemonServices, configuration: Configuration, running: RunningState, log: Log) {
        desk = services.desk
        choice = ReaderChoice(patterns: configuration.readers.names)
        timeLimit = .seconds(configuration.checkIn.timeLimit)
        self.running = running
        self.log = log
    }

    /// Finds the reader and leaves the rest to its thread; blocks only for as long as that takes.
    /// - Parameters:
    ///   - name: The reader that the request names; nil for the one that holds a card.
    ///   - mayWait: Whether the call waits for a reader that is being used.
    ///   - answer: Answers the call, on the reader's thread; blocks.
    func take(
        for open: OpenCall, reader name: String?, mayWait: Bool,
        _ answer: @escaping @Sendable (_ reader: String, _ events: CardCallEvents) -> Result<some CardAnswer, Problem>
    ) throws(Problem) {
        let reader = try reader(named: name)
        open.note(reader: reader)
        endAfterTimeLimit(open, reader: reader)
        let events = CardCallEvents(open.call, feed: running.feed, id: open.id, reader: reader)
        let job = ReaderLanes.Job(
            cancellation: open.cancellation, moved: { events.isQueued(at: $0) },
            cancelled: { [running] in running.clock.async { open.finish(with: .cancelled(at: reader)) } },
            run: { [running] in
                events.hasStarted()
                running.metrics.observe(.waitDuration, ContinuousClock.now - open.start)
                guard !open.cancellation.isCancelled else {
                    open.finish(with: .cancelled(at: reader))
                    return
                }
                open.finish(answer(reader, events))
            })
        guard running.lanes.submit(to: reader, mayWait: mayWait, job) else {
            throw Self.busy(reader, mayWait: mayWait)
        }
    }

    /// How much of its time a call still has.
    func timeLeft(for open: OpenCall) -> Duration { max(.zero, timeLimit - (ContinuousClock.now - open.start)) }

    private func reader(named name: String?) throws(Problem) -> String {
        let used: [DeskReader]
        do throws(CardReaderError) {
            used = choice.used(of: try desk.readers())
        } catch {
            throw Problem(error)
        }
        return try choice.reader(named: name, of: used)
    }

    private func endAfterTimeLimit(_ open: OpenCall, reader: String) {
        let seconds = Int(timeLimit.components.seconds)
        running.clock.asyncAfter(deadline: .now() + .seconds(seconds)) { [weak open, log] in
            guard let open, !open.isAnswered else { return }
            var problem = Problem(
                .timeLimit, "The \(open.call.rawValue) was not done in \(seconds) seconds: lay the card on again.")
            problem.reader = reader
            guard open.finish(with: problem) else { return }
            open.cancellation.cancel()
            log.warning("reading a card took too long", .reader(reader), .count("limit_s", seconds))
        }
    }

    private static func busy(_ reader: String, mayWait: Bool) -> Problem {
        var problem = Problem(
            .readerBusy,
            mayWait
                ? "The reader has as many cards to read as may wait; ask again in a moment."
                : "The reader is being used; ask again in a moment, or wait for it.")
        problem.reader = reader
        problem.retryAfter = 5
        return problem
    }
}
