import Document

/// One way in which a virtual card, or what is between it and the reader, misbehaves on command.
///
///     let chip = try FaultyChip(card, faults: [Fault("wrong-mac@12"), Fault("slow=424000/2")])
///
/// In text a fault is `NAME`, `NAME=VALUE`, and for faults of single commands `NAME@INDEX` or `NAME@INDEX+`: the command of
/// that number, counted from zero since the chip was made, or that one and all after it. Without it: every command.
/// `FaultCatalogue` lists all names.
public struct Fault: Hashable, Sendable {
    /// What goes wrong.
    public enum Kind: Hashable, Sendable {
        // The link.

        /// The card leaves the reader at the command, which it does not answer.
        case torn
        /// The card leaves the reader during the command with which so many bytes would have passed, both ways together.
        case tornAtByte(Int)
        /// The link takes its time.
        case slow(LinkSpeed)
        /// No answer.
        case mute
        /// Half of the answer's data, with its status word.
        case truncated
        /// The answer to the command before.
        case replayed
        /// Two answers change places: here that of the command before, and this one at the next command.
        case late
        /// Another card answers: with `at` until the next reset, with `from` for good.
        case swapped

        // Lengths.

        /// `6Cxx` with the right length first, then the answer.
        case wrongLength
        /// `6Cxx` to every command.
        case endlessWrongLength
        /// Answers longer than this many bytes are announced by `61xx`.
        case moreData(chunk: Int)
        /// `61xx` with one byte, without end.
        case endlessMoreData
        /// Extended length fields are not understood.
        case noExtendedLength
        /// What the end of a file looks like.
        case endOfFile(ChipProfile.EndOfFile)
        /// The answer's data is missing.
        case empty

        // Files.

        /// There is no master file, and so no EF.CardAccess.
        case noMasterFile
        /// There is no EF.COM.
        case noCommonFile
        /// Whether SELECT returns file control information.
        case controlInformation(ChipProfile.FileControlInformation)
        /// The file's outer tag announces another length; nil for 127 length bytes of FF.
        case announcedLength(ElementaryFile, Int?)

        // Secure messaging and access.

        /// The protection of the answer has that flaw.
        case protection(ProtectionFlaw)
        /// Every error ends secure messaging, and is told in the clear.
        case losesMessaging
        /// After the n-th wrong key the chip waits n times so many milliseconds before it goes on.
        case delayAfterWrongKey(milliseconds: Int)

        // Forgeries.

        /// The files of one chip, and other private keys.
        case cloned
        /// The files of one chip, and no private keys.
        case keyless
        /// EF.CardAccess offers no PACE, though the signed DG14 does.
        case downgraded
        /// The key of chip authentication in DG14 was replaced by one that the chip holds, and EF.SOD does not cover.
        case unsignedChipKey
        /// PACE sends that public key in the place of the chip's.
        case paceKey(BadPublicKey)
        /// Chip authentication is accepted, and all answers after it are under keys that the chip made up.
        case stopsProving
        /// Active authentication answers with a signature over another challenge.
        case replaysSignature
    }

    /// At which commands.
    public enum Occurrence: Hashable, Sendable {
        /// At every command that it can befall.
        case always
        /// At the command of this number, counted from zero since the chip was made.
        case at(Int)
        /// At that command and all after it.
        case from(Int)

        /// Whether the command of that number is among them.
        func includes(_ index: Int) -> Bool {
            switch self {
            case .always: true
            case .at(let number): index == number
            case .from(let number): index >= number
            }
        }
    }

    /// What goes wrong.
    public var kind: Kind
    /// At which commands; of no meaning for what the whole chip is like.
    public var occurrence: Occurrence

    /// - Parameters:
    ///   - kind: What goes wrong.
    ///   - occurrence: At which commands.
    public init(_ kind: Kind, _ occurrence: Occurrence = .always) {
        self.kind = kind
        self.occurrence = occurrence
    }

    /// The fault that `text` names, as on the command line.
    ///
    /// - Throws: `fault` when there is none of that name, or its value or place makes no sense.
    public init(_ text: String) throws(SimulatorError) {
        func refuse(_ reason: String) -> SimulatorError { .fault(text: text, reason: reason) }
        let parts = text.split(separator: "@", omittingEmptySubsequences: false).map(String.init)
        let assignment = (parts.first ?? "").split(separator: "=", maxSplits: 1).map(String.init)
        guard let name = assignment.first, let entry = FaultCatalogue.entries.first(where: { $0.name == name }) else {
            throw refuse("there is none of that name")
        }
        let value = assignment.count > 1 ? assignment[1] : nil
        guard let kind = entry.kind(value) else {
            throw refuse(entry.value.map { "its value must be as \($0)" } ?? "it has no value")
        }
        self.kind = kind
        guard parts.count > 1 else {
            guard !entry.needsPlace || value != nil else { throw refuse("it needs a place, as \(name)@12") }
            occurrence = .always
            return
        }
        let isOpen = parts[1].hasSuffix("+")
        guard entry.hasPlace, parts.count == 2, let index = Int(isOpen ? String(parts[1].dropLast()) : parts[1]),
            (0...1_000_000).contains(index)
        else { throw refuse(entry.hasPlace ? "its place must be as @12 or @12+" : "it has no place") }
        occurrence = isOpen ? .from(index) : .at(index)
    }
}

/// How fast a link is.
public struct LinkSpeed: Hashable, Sendable {
    /// Bits in a second, both ways.
    public var bitsPerSecond: Int
    /// What every command costs besides its bytes, in milliseconds.
    public var millisecondsPerCommand: Int

    /// - Parameters:
    ///   - bitsPerSecond: Bits in a second, both ways.
    ///   - millisecondsPerCommand: What every command costs besides its bytes, in milliseconds.
    public init(bitsPerSecond: Int, millisecondsPerCommand: Int) {
        self.bitsPerSecond = max(1, bitsPerSecond)
        self.millisecondsPerCommand = max(0, millisecondsPerCommand)
    }

    /// A contactless card at 424 kbit/s with 2 ms a command.
    public static let contactless = LinkSpeed(bitsPerSecond: 424_000, millisecondsPerCommand: 2)

    /// What a command and its answer cost, in seconds.
    ///
    /// - Parameter byteCount: The bytes of both.
    public func seconds(byteCount: Int) -> Double {
        Double(millisecondsPerCommand) / 1000 + Double(8 * byteCount) / Double(bitsPerSecond)
    }
}
