import CardReader
import Verifier

/// Tells followers how one check-in goes on.
final class CheckInEvents: Sendable {
    /// How often followers are told of bytes at most, but for the first and the last of each file.
    private static let pause = Duration.milliseconds(100)

    private struct State {
        var toldAt: ContinuousClock.Instant?
        var file: String?
        var checks: [CheckOutcome] = []
    }

    private let feed: EventFeed
    private let id: String
    private let reader: String
    private let state = Guarded(State())

    init(feed: EventFeed, id: String, reader: String) {
        self.feed = feed
        self.id = id
        self.reader = reader
    }

    func isQueued(at place: Int) {
        feed.publish(CheckInQueuedEvent(id: id, reader: reader, place: place))
    }

    func hasStarted() {
        feed.publish(CheckInStartedEvent(id: id, reader: reader))
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
        feed.publish(
            CheckInProgressEvent(
                id: id, reader: reader, file: progress.file, fileBytes: progress.fileBytes,
                fileSize: progress.fileSize, bytes: progress.bytes))
    }

    func waits(_ seconds: Int, followsWrongKey: Bool) {
        feed.publish(
            CheckInWaitingEvent(id: id, reader: reader, seconds: seconds, followsWrongKey: followsWrongKey))
    }

    func isInterrupted(by cause: CardReaderError, bytes: Int) {
        feed.publish(
            CheckInInterruptedEvent(id: id, reader: reader, problem: Problem(cause).kind.rawValue, bytes: bytes))
    }

    /// Tells the checks that are news, then the verdict.
    func decided(_ verdict: Verdict, portraitFollows: Bool) {
        let news = state.withLock { state in
            let news = verdict.checks.filter { !state.checks.contains($0) }
            state.checks = verdict.checks
            return news
        }
        for check in news {
            feed.publish(
                CheckInCheckEvent(
                    id: id, reader: reader, check: check.id, result: check.result, reason: check.reason))
        }
        feed.publish(
            CheckInVerdictEvent(
                id: id, reader: reader, outcome: verdict.outcome, validity: verdict.validity,
                portraitFollows: portraitFollows))
    }
}
