import Crypto
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

    /// Which proofs are asked of the chip that it is the original.
    public enum Proofs: Hashable, Sendable {
        /// None.
        case none
        /// Chip authentication, or active authentication where the chip does not answer to that.
        case one
        /// Each that the chip offers.
        case all
    }

    /// What opens the chip.
    public var key: AccessKey
    /// Which files are read.
    public var files: Selection
    /// Which proofs are asked for. They need DG14, or DG15, among the files.
    public var proofs: Proofs
    /// What this terminal shows to be given fingerprints and irises; nil when it holds no rights to them. Needs chip
    /// authentication, or chip authentication mapping, and so `proofs` other than `none`.
    public var terminalCredentials: TerminalCredentials?
    /// How long the read may take, from the first command on.
    public var timeLimit: Duration
    /// What an earlier read of the same card came to before it broke (`CardReaderError.interrupted`); nil to begin anew.
    public var resuming: PartialRead?

    /// - Parameters:
    ///   - key: What opens the chip.
    ///   - files: Which files are read.
    ///   - proofs: Which proofs are asked for.
    ///   - timeLimit: How long the read may take. With the portrait a slow reader takes ten seconds.
    ///   - resuming: What an earlier read of the same card came to before it broke.
    public init(
        key: AccessKey, files: Selection = .everything, proofs: Proofs = .one, timeLimit: Duration = .seconds(30),
        resuming: PartialRead? = nil
    ) {
        self.key = key
        self.files = files
        self.proofs = proofs
        self.timeLimit = timeLimit
        self.resuming = resuming
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

/// A chip lets wait for an answer.
public struct ReadDelay: Hashable, Sendable {
    /// For how long by now.
    public let elapsed: Duration
    /// Whether it refused a key before in this read: chips answer the more slowly the more keys were wrong, so that
    /// nobody can try them all. There is nothing to do but to wait.
    public let followsWrongKey: Bool
}

/// Files with their hashes, worked out while they came from the chip.
public typealias FileDigests = [ElementaryFile: DigestedBytes]

/// What was read from a chip, and how.
public struct ChipRead: Sendable {
    /// The files.
    public let image: CardImage
    /// The data groups with their hashes by EF.SOD's hash function, worked out while they came from the chip: a verdict
    /// need not hash them again. A file that an earlier read brought is not among them.
    public let digests: FileDigests
    /// The files that were asked for or listed, and not read.
    public let unread: [UnreadFile]
    /// What the chip did to prove that it is the original.
    public let proofs: ChipProofs
    /// Whether the chip accepted the terminal's rights to fingerprints and irises.
    public let terminalAuthentication: TerminalAuthentication.Outcome
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
