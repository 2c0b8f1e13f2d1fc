import CardReader
import Document

/// Where cards are read: the readers of this machine, or a script in a test.
///
/// Calls block and come from many threads; there is never more than one read at a time on one reader.
protocol CardDesk: Sendable {
    /// The readers that are plugged in.
    func readers() throws(CardReaderError) -> [DeskReader]

    /// Reads the card in a reader.
    /// - Throws: `cancelled` soon after `cancellation` is set, or why the card could not be read.
    func read(
        _ request: ReadRequest, at reader: String, cancellation: Cancellation, observer: ReadObserver
    ) throws(CardReaderError) -> CardReading

    /// Tells how the readers are now, and whenever that changes, on a thread of its own.
    func watch(_ told: @escaping @Sendable (Result<[DeskReader], CardReaderError>) -> Void) -> any ReaderWatch
}

/// Readers being watched.
protocol ReaderWatch: Sendable {
    /// Ends it; nothing is told any more once this returns.
    func stop()
}

/// Whom a read tells how it goes on; called on the reader's thread.
struct ReadObserver: Sendable {
    /// After every piece.
    var progressed: @Sendable (DeskProgress) -> Void = { _ in }
    /// Every second that the chip lets wait for an answer.
    var waits: @Sendable (_ seconds: Int, _ followsWrongKey: Bool) -> Void = { _, _ in }
    /// When the card was moved, and is waited for.
    var isInterrupted: @Sendable (_ cause: CardReaderError, _ byteCount: Int) -> Void = { _, _ in }
    /// When nothing but the portrait is left of what a verdict needs: with what was read by then.
    var beforePortrait: @Sendable (CardReading) -> Void = { _ in }
}

/// How far a read is.
struct DeskProgress: Equatable, Sendable {
    /// The file being read, such as `EF_DG13`.
    var file: String
    /// Bytes of it that were read, and that it has.
    var fileBytes: Int
    var fileSize: Int
    /// Bytes of all files so far.
    var bytes: Int
}

/// One reader at one moment.
struct DeskReader: Equatable, Sendable, Encodable {
    /// PC/SC's name of it.
    var name: String
    /// Whether a card is in it, answering or not.
    var isCardPresent: Bool
    /// Whether the card that is there does not answer.
    var isCardMute: Bool

    /// Whether it is reading, and how many check-ins wait for it; nil where that is not asked.
    var isBusy: Bool?
    var waiting: Int?

    private enum CodingKeys: String, CodingKey {
        case name, waiting
        case isBusy = "busy"
        case isCardPresent = "cardPresent"
        case isCardMute = "cardMute"
    }
}

/// What was read from a card, and how.
struct CardReading: Sendable {
    /// The files.
    var image: CardImage
    /// The files' hashes, as far as they were worked out while the files came.
    var digests: FileDigests = [:]
    /// What the chip did to prove that it is the original.
    var proofs = ChipProofs()
    /// How they were read.
    var facts: ReadFacts
}

/// How a card was read, for those who look after readers; no personal data.
struct ReadFacts: Equatable, Sendable, Encodable {
    /// A file that was asked for or listed, and not read.
    struct Unread: Equatable, Sendable, Encodable {
        /// Its name, such as `EF_DG3`.
        var file: String
        /// Why not.
        var reason: String
    }

    /// How the chip was opened: `pace`, `bac`, or `none` where it gives its data to anybody.
    var access: String
    /// What was proven to the chip: `can` or `mrz`; nil with `none`.
    var password: String?
    /// The variant of PACE as an object identifier (Doc 9303-11, 9.2.4).
    var protocolOID: String?
    /// The standardised domain parameters of PACE (Doc 9303-11, 9.5.1).
    var parameterID: Int?
    /// How many tries it took to open the chip.
    var attempts: Int
    /// The answer to reset in hexadecimal.
    var answerToReset: String
    /// The files that were not read.
    var unread: [Unread]
    /// Command APDUs sent.
    var commands: Int
    /// Bytes sent and received in APDUs.
    var bytes: Int
    /// How long the read took.
    var seconds: Double
}
