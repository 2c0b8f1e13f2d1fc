import CardReader
import Verifier

/// Tells followers how one call that reads a card goes on.
final class CardCallEvents: Sendable {
    /// How often followers are told of bytes at most, but for the first and the last of each file.
    private static let pause = Duration.milliseconds(100)

    private struct State {
        var toldAt: ContinuousClock.Instant?
        var file: String?
        var checks: [CheckOutcome] = []
    }

    private let feed: EventFeed
    private let call: CardCall
    private let id: String
    private let reader: String
    private let state = Guarded(State())

    init(_ call: CardCall, feed: EventFeed, id: String, reader: String) {
        self.call = call
        self.feed = feed
        self.id = id
        self.reader = reader
    }

    /// Tells how a read goes on.
    /// - Parameter beforePortrait: Called with what was read when nothing but the portrait is left.
    func observer(beforePortrait: @escaping @Sendable (CardReading) -> Void) -> ReadObserver {
        ReadObserver(
            progressed: { self.progressed($0) }, waits: { self.waits($0, followsWrongKey: $1) },
            isInterrupted: { self.isInterrupted(by: $0, bytes: $1) }, beforePortrait: beforePortrait)
    }

    private func tell(_ event: some FeedEvent) { feed.publish(event, about: call) }

    func isQueued(at place: Int) {
        tell(CardCallQueuedEvent(id: id, reader: reader, place: place))
    }

    func hasStarted() {
        tell(CardCallStartedEvent(id: id, reader: reader))
    }

    func progressed(_ progress: DeskProgress) {
        let now = ContinuousClock.now
        let isTold = state.withLock { state in
            let isDue = state.toldAt.map { now - $0 >= Self.pause } ?? true
            let isEdge = state.file != progress.file || progress.fileBytes == progress.fileSize
            guard isDue || isEdge else { return false }
            (state.toldAt, state.file) = (now, progress.file)
            return true
        }
        guard isTold else { return }
        tell(
            CardCallProgressEvent(
                id: id, reader: reader, file: progress.file, fileBytes: progress.fileBytes,
                fileSize: progress.fileSize, bytes: progress.bytes))
    }

    func waits(_ seconds: Int, followsWrongKey: Bool) {
        tell(CardCallWaitingEvent(id: id, reader: reader, seconds: seconds, followsWrongKey: followsWrongKey))
    }

    func isInterrupted(by cause: CardReaderError, bytes: Int) {
        tell(
            CardCallInterruptedEvent(id: id, reader: reader, problem: Problem(cause).kind.rawValue, bytes: bytes))
    }

    /// Tells the checks that are news, then the verdict.
    func decided(_ verdict: Verdict, portraitFollows: Bool) {
        let news = state.withLock { state in
            let news = verdict.checks.filter { !state.checks.contains($0) }
            state.checks = verdict.checks
            return news
        }
        for check in news {
            tell(
                CardCallCheckEvent(
                    id: id, reader: reader, check: check.id, result: check.result, reason: check.reason))
        }
        tell(
            CardCallVerdictEvent(
                id: id, reader: reader, outcome: verdict.outcome, validity: verdict.validity,
                portraitFollows: portraitFollows))
    }
}
