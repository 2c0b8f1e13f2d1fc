import CardReader
import Verifier

/// What a follower is told first: the readers as they are.
struct ReadersEvent: FeedEvent {
    static let name = "readers"
    var readers: [DeskReader]
}

/// A reader was plugged in.
struct ReaderAddedEvent: FeedEvent {
    static let name = "reader.added"
    var reader: String
}

/// A reader was unplugged.
struct ReaderRemovedEvent: FeedEvent {
    static let name = "reader.removed"
    var reader: String
}

/// A card was laid on.
struct CardInsertedEvent: FeedEvent {
    static let name = "card.inserted"
    var reader: String
    /// Whether it does not answer.
    var cardMute: Bool
}

/// A card was taken away.
struct CardRemovedEvent: FeedEvent {
    static let name = "card.removed"
    var reader: String
}

/// Readers cannot be listed, or can be again.
struct ReadersUnavailableEvent: FeedEvent {
    static let name = "readers.unavailable"
    var problem: String
}

/// A call waits for its reader, or has moved forward.
///
/// The name of this event and of those below begins with that of the call: `check-in.queued`, `read.queued`.
struct CardCallQueuedEvent: FeedEvent {
    static let name = "queued"
    var id: String
    var reader: String
    /// How many are before it, the one that is being read included.
    var place: Int
}

/// A call has its reader now.
struct CardCallStartedEvent: FeedEvent {
    static let name = "started"
    var id: String
    var reader: String
}

/// More of the card was read.
struct CardCallProgressEvent: FeedEvent {
    static let name = "progress"
    var id: String
    var reader: String
    /// The file being read, such as `EF_DG13`.
    var file: String
    /// Bytes of it that were read, and that it has.
    var fileBytes: Int
    var fileSize: Int
    /// Bytes of all files so far.
    var bytes: Int
}

/// The chip lets wait for an answer.
struct CardCallWaitingEvent: FeedEvent {
    static let name = "waiting"
    var id: String
    var reader: String
    var seconds: Int
    /// Whether because a key was wrong before: then there is nothing to do but to wait.
    var followsWrongKey: Bool
}

/// The card was moved, and is waited for: lay it on again.
struct CardCallInterruptedEvent: FeedEvent {
    static let name = "interrupted"
    var id: String
    var reader: String
    /// What broke the read.
    var problem: String
    /// Bytes that were read and are kept; zero when the read begins anew.
    var bytes: Int
}

/// A check was decided.
struct CardCallCheckEvent: FeedEvent {
    static let name = "check"
    var id: String
    var reader: String
    var check: CheckIdentifier
    var result: CheckResult
    var reason: CheckReason
}

/// The verdict, as far as the card was read.
struct CardCallVerdictEvent: FeedEvent {
    static let name = "verdict"
    var id: String
    var reader: String
    var outcome: Outcome
    var validity: [ValidityRemark]
    /// Whether the portrait is still to be read; then another verdict follows.
    var portraitFollows: Bool
}

/// A call has its answer.
struct CardCallFinishedEvent: FeedEvent {
    static let name = "finished"
    var id: String
    /// Absent when no reader had been chosen.
    var reader: String?
    /// The kind of problem; absent when there is an answer.
    var problem: String?
}
