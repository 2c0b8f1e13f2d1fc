import Document

/// What to read from a chip, and with which key.
public struct ReadRequest: Sendable {
    /// Which files are read. EF.CardAccess, EF.COM and EF.SOD always are.
    public enum Selection: Hashable, Sendable {
        /// All that EF.COM lists.
        case everything
        /// All that EF.COM lists but the portrait, DG2, which is most of what there is to read.
        case withoutPortrait
        /// Those of the set that EF.COM lists.
        case only(Set<ElementaryFile>)

        func contains(_ file: ElementaryFile) -> Bool {
            switch self {
            case .everything: true
            case .withoutPortrait: file != .dg2
            case .only(let files): files.contains(file)
            }
        }
    }

    /// What opens the chip.
    public var key: AccessKey
    /// Which files are read.
    public var files: Selection
    /// How long the read may take, from the first command on.
    public var timeLimit: Duration

    /// - Parameters:
    ///   - key: What opens the chip.
    ///   - files: Which files are read.
    ///   - timeLimit: How long the read may take. With the portrait a slow reader takes ten seconds.
    public init(key: AccessKey, files: Selection = .everything, timeLimit: Duration = .seconds(30)) {
        self.key = key
        self.files = files
        self.timeLimit = timeLimit
    }
}

/// How far a read is.
public struct ReadProgress: Hashable, Sendable {
    /// The file being read.
    public let file: ElementaryFile
    /// How many of its bytes were read.
    public let fileBytesRead: Int
    /// How many it has.
    public let fileByteCount: Int
    /// Bytes of all files so far.
    public let bytesRead: Int
}

/// What was read from a chip, and how.
public struct ChipRead: Sendable {
    /// The files.
    public let image: CardImage
    /// The files that were asked for or listed, and not read.
    public let unread: [UnreadFile]
    /// How the chip was opened.
    public let access: AccessMethod
    /// All that was tried to open the chip, in order; the last opened it.
    public let attempts: [AccessAttempt]
    /// The answer to reset.
    public let atr: [UInt8]
    /// Command APDUs sent.
    public let apduCount: Int
    /// Bytes sent and received in APDUs.
    public let byteCount: Int
    /// How long the read took, in seconds.
    public let seconds: Double
}

/// Reads an identity document's chip: opens it, and reads its files in the order in which a verdict needs them.
///
///     let context = try PCSCContext()
///     let card = try context.connect(reader: name)
///     let read = try ChipReader(channel: card).read(ReadRequest(key: .personalNumber(number)))
///
/// Everything blocks; use it from a thread of your own.
public struct ChipReader {
    private let channel: any CardChannel
    private let randomness: Randomness

    /// EF.COM tells what there is, EF.SOD its hashes; DG14 is needed before chip authentication, and the portrait last.
    private static let order: [ElementaryFile] =
        [.dg14, .dg13, .dg1, .dg15, .dg11, .dg12, .dg5, .dg6, .dg7, .dg8, .dg9, .dg10, .dg16, .dg2]
    /// What is tried where EF.COM is not there or cannot be read.
    private static let usual: [ElementaryFile] = [.dg14, .dg13, .dg1, .dg15, .dg2]
    /// Fingerprints and irises (Doc 9303-11, 7.1).
    private static let extendedAccess: Set<ElementaryFile> = [.dg3, .dg4]
    /// How often a chip is opened again in one read after it ended secure messaging.
    private static let recoveryLimit = 8

    /// - Parameter channel: The chip, such as `PCSCCard`.
    public init(channel: any CardChannel) { self.init(channel: channel, randomness: .openSSL) }

    init(channel: any CardChannel, randomness: Randomness) {
        self.channel = channel
        self.randomness = randomness
    }

    /// Opens the chip and reads its files.
    ///
    /// A file that cannot be read though the chip goes on answering is told in `ChipRead.unread`, and does not end the read.
    ///
    /// - Parameter progress: Called on the same thread after every piece.
    /// - Throws: Why nothing could be read, or what ended the conversation: `wrongKey`, `keyNotUsable`, `cardRemoved`, `cardMute`,
    ///   `timeLimitExceeded`, `secureMessaging`, …
    public func read(
        _ request: ReadRequest, progress: (ReadProgress) -> Void = { _ in }
    ) throws(CardReaderError) -> ChipRead {
        let start = ContinuousClock.now
        let session = ChipSession(channel: channel, deadline: start + request.timeLimit)
        let masterFile = try MasterFile(session)
        let offers = masterFile.cardAccess.flatMap { try? SecurityInfos($0.span) }
        let access = ChipAccess(session: session, randomness: randomness, offers: offers, key: request.key)
        let attempts = try access.open()

        var reading = Reading(
            session: session, files: FileReader(session, extendedAnswerLimit: masterFile.extendedAnswerLimit),
            reopening: ChipAccess(
                session: session, randomness: randomness, offers: offers, key: request.key.narrowed(to: attempts.last)))
        reading.image[.cardAccess] = masterFile.cardAccess
        try reading.read(.com, progress)
        try reading.read(.sod, progress)
        for file in Self.wanted(request.files, listedIn: reading.image[.com]) {
            if Self.extendedAccess.contains(file) {
                reading.unread.append(UnreadFile(file: file, reason: .needsTerminalAuthentication))
            } else {
                try reading.read(file, progress)
            }
        }
        return ChipRead(
            image: reading.image, unread: reading.unread, access: attempts.last?.method ?? .none, attempts: attempts,
            atr: channel.atr, apduCount: session.commandCount, byteCount: session.byteCount,
            seconds: (ContinuousClock.now - start) / .seconds(1))
    }

    /// The data groups to read, in order; those that need extended access at the end.
    private static func wanted(_ selection: ReadRequest.Selection, listedIn index: [UInt8]?) -> [ElementaryFile] {
        let listed = index.flatMap { try? CommonData($0.span) }.map {
            $0.dataGroups.compactMap(ElementaryFile.dataGroup)
        }
        let present = Set(listed ?? usual)
        return (order + [.dg3, .dg4]).filter { present.contains($0) && selection.contains($0) }
    }

    /// A read in progress.
    private struct Reading {
        let session: ChipSession
        let files: FileReader
        let reopening: ChipAccess
        var image = CardImage()
        var unread: [UnreadFile] = []
        private var bytesRead = 0
        private var recoveries = 0

        init(session: ChipSession, files: FileReader, reopening: ChipAccess) {
            self.session = session
            self.files = files
            self.reopening = reopening
        }

        mutating func read(_ file: ElementaryFile, _ progress: (ReadProgress) -> Void) throws(CardReaderError) {
            switch try contents(of: file, progress) {
            case .success(let bytes):
                image[file] = bytes
                bytesRead += bytes.count
            case .failure(let fault): unread.append(UnreadFile(file: file, reason: fault.reason))
            }
        }

        /// Reads a file; where the chip gives the session up over it, opens the chip again and tries once more with short answers.
        private mutating func contents(
            of file: ElementaryFile, _ progress: (ReadProgress) -> Void
        ) throws(CardReaderError) -> Result<[UInt8], ReadingFault> {
            let earlier = bytesRead
            func tell(_ read: Int, _ announced: Int) {
                progress(
                    ReadProgress(
                        file: file, fileBytesRead: read, fileByteCount: announced, bytesRead: earlier + read))
            }
            do throws(CardReaderError) {
                return try files.read(file, progress: tell)
            } catch {
                guard recoveries < ChipReader.recoveryLimit, mayRecover(from: error) else { throw error }
            }
            recoveries += 1
            files.useShortLength()
            try reopen()
            do throws(CardReaderError) {
                return try files.read(file, progress: tell)
            } catch {
                guard case .secureMessaging(.ended(let status)) = error else { throw error }
                try reopen()
                return .failure(ReadingFault(.endedSecureMessaging(status)))
            }
        }

        /// A chip may end the session over a command that it does not like; a reader may fail over an answer that is too long for it.
        /// A forged answer is neither.
        private func mayRecover(from error: CardReaderError) -> Bool {
            if case .secureMessaging(.ended) = error { return true }
            return files.extendedAnswerLimit != nil && error.mayComeFromLength
        }

        private func reopen() throws(CardReaderError) {
            try session.reset()
            _ = try reopening.open()
        }
    }
}
