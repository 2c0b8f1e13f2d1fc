import Dispatch
import Document

/// Reads the card in a PC/SC reader to its end: where the card is moved away on the way, waits for it and goes on where
/// the read stopped, once the same card is back.
///
///     let read = try PersistentRead(reader: name, patience: .seconds(10)).run(ReadRequest(key: key))
///
/// The card is known again by its EF.SOD, never by the number that a contactless chip answers with, which may be another
/// each time. pcscd, too, may be gone for a while, or the reader.
public struct PersistentRead: Sendable {
    /// The reader's name.
    public var reader: String
    /// How long to wait each time for the card to come back; zero gives up at once.
    public var patience: Duration
    /// How long to wait at first while another program has the reader.
    public var otherProgramLimit = Duration.seconds(5)

    /// A read that stopped, and is waiting for its card.
    public struct Interruption: Sendable {
        /// What broke the read.
        public let cause: CardReaderError
        /// How much of the card was read by then, in bytes; zero when the read will begin anew.
        public let byteCount: Int
    }

    /// How often in a row the read may break at the same place, with the card lying there.
    private static let attemptsWithoutProgress = 3
    /// How long to wait before looking again for a card, a reader or pcscd.
    private static let pause = Duration.milliseconds(250)

    /// - Parameters:
    ///   - reader: A name from `PCSCContext.readers()`.
    ///   - patience: How long to wait each time for the card to come back.
    public init(reader: String, patience: Duration) {
        self.reader = reader
        self.patience = patience
    }

    /// Connects to the card, reads it, and lets it go. Blocks; use it from a thread of your own.
    ///
    /// - Parameters:
    ///   - request: What to read. Its time limit holds for everything together, waiting included.
    ///   - channel: What stands between the card and the read; the card itself by default.
    ///   - shouldGoOn: Asked while the card is away, several times a second: false ends the read with `cancelled`.
    ///   - progress: As of `ChipReader.read`.
    ///   - beforePortrait: As of `ChipReader.read`; again when the read goes on before the portrait is read.
    ///   - waiting: As of `ChipReader.read`.
    ///   - interrupted: Told each time that the read stops to wait for its card.
    /// - Throws: As `PCSCCard.init` where there is no card to begin with, and as `ChipReader.read`. Once the patience is
    ///   over, what broke the read; `interrupted` around it where there is something to go on from.
    public func run(
        _ request: ReadRequest, channel: (PCSCCard) -> any CardChannel = { $0 }, shouldGoOn: () -> Bool = { true },
        progress: (ReadProgress) -> Void = { _ in },
        beforePortrait: (ChipRead) -> Void = { _ in },
        waiting: @escaping (ReadDelay) -> Void = { _ in },
        interrupted: (Interruption) -> Void = { _ in }
    ) throws(CardReaderError) -> ChipRead {
        let deadline = ContinuousClock.now + request.timeLimit
        var request = request
        var card = try PCSCCard(reader: reader, timeLimit: min(request.timeLimit, otherProgramLimit))
        var attempts = 0
        while true {
            let failure: CardReaderError
            do throws(CardReaderError) {
                defer { card.close() }
                request.timeLimit = max(.zero, ContinuousClock.now.duration(to: deadline))
                return try ChipReader(channel: channel(card)).read(
                    request, progress: progress, beforePortrait: beforePortrait, waiting: waiting)
            } catch {
                failure = error
            }
            attempts += 1
            if case .interrupted(let partial, _) = failure {
                if partial.byteCount > request.resuming?.byteCount ?? 0 { attempts = 0 }
                request.resuming = partial
            }
            guard failure.cause.mayComeBack, patience > .zero, attempts < Self.attemptsWithoutProgress else {
                throw failure
            }
            interrupted(Interruption(cause: failure.cause, byteCount: request.resuming?.byteCount ?? 0))
            let limit = min(deadline, ContinuousClock.now + patience)
            guard let next = try waitForCard(until: limit, shouldGoOn) else { throw failure }
            card = next
        }
    }

    /// The card that is laid on next, or still lies there and answers again; nil when none came.
    private func waitForCard(
        until limit: ContinuousClock.Instant, _ shouldGoOn: () -> Bool
    ) throws(CardReaderError) -> PCSCCard? {
        while true {
            // In this order: the card that just went is still there for pcscd until it looks again.
            Self.wait(min(Self.pause, ContinuousClock.now.duration(to: limit)))
            guard shouldGoOn() else { throw .cancelled }
            guard ContinuousClock.now < limit else { return nil }
            if let card = try? PCSCCard(reader: reader, timeLimit: ContinuousClock.now.duration(to: limit)) {
                return card
            }
        }
    }

    private static func wait(_ duration: Duration) {
        guard duration > .zero else { return }
        _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(Int(clamping: duration.milliseconds)))
    }
}

extension CardReaderError {
    /// Whether waiting for the same card may help: the time that the caller set is over for good.
    fileprivate var mayComeBack: Bool { self != .timeLimitExceeded && leavesCardAsItWas }
}
