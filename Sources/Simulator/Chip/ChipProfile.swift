import Document

/// How a chip behaves where the standards let chips differ.
public struct ChipProfile: Equatable, Sendable {
    /// What a chip answers to READ BINARY that asks for more than the file has left.
    public enum EndOfFile: Equatable, Sendable {
        /// The rest, with the warning 6282.
        case warning
        /// The rest, with 9000.
        case shortAnswer
        /// Nothing, with the right length in 6Cxx (6700 when it does not fit there).
        case rightLength
    }

    /// Whether SELECT returns file control information when it is asked for.
    public enum FileControlInformation: Equatable, Sendable {
        /// As P2 asks.
        case asAsked
        /// Never.
        case never
        /// Always, whatever P2 asks.
        case always
    }

    /// Whether commands in the extended form are understood; others are answered 6700.
    public var supportsExtendedLength = true
    /// The longest command in bytes.
    public var maximumCommandByteCount = 32_767
    /// The longest answer in bytes, status word included.
    public var maximumResponseByteCount = 32_767
    /// Whether READ BINARY with the odd instruction B1 is understood, which files over 32 KiB need.
    public var supportsOddInstruction = true
    /// What the end of a file looks like.
    public var endOfFile = EndOfFile.warning
    /// Whether SELECT returns file control information.
    public var fileControlInformation = FileControlInformation.asAsked
    /// Whether there is a master file; a chip without one starts in the ICAO application and offers no PACE.
    public var hasMasterFile = true
    /// Files that the chip does not hold though the card was written with them.
    public var hiddenFiles: Set<ElementaryFile> = []
    /// The most bytes of one answer; what is longer is announced by 61xx and fetched by GET RESPONSE. Nil for as many as
    /// the command asks for.
    public var answerChunkByteCount: Int?
    /// Whether protected files can be selected before access, as Doc 9303-11, 4.3.2 leaves open to chips with BAC alone.
    public var selectsProtectedFiles = false
    /// How many wrong tries a password of PACE has, told by 63Cx and then 6983; nil for any number, told by 6300.
    public var passwordTries: Int?
    /// The answer to reset that the reader makes up from the chip's ATS.
    public var answerToReset = AnswerToReset.contactless

    /// A chip with all of it.
    public init() {}
}

/// Answers to reset.
public enum AnswerToReset {
    /// A contactless card in the form of PC/SC Part 3, 3.1.3.2.3: `3B 8n 80 01`, the historical bytes of the ATS, and the
    /// check byte. The historical bytes tell the card's capabilities (ISO/IEC 7816-4, 12.1.1): selection by name and file
    /// identifier, short identifiers, command chaining, extended length with its limits in EF.ATR/INFO.
    public static let contactless = contactless(historicalBytes: [0x80, 0x73] + capabilities)

    /// A contactless card with other historical bytes, at most fifteen.
    public static func contactless(historicalBytes: [UInt8]) -> [UInt8] {
        let historical = historicalBytes.prefix(15)
        let body = [0x80 | UInt8(historical.count), 0x80, 0x01] + historical
        return [0x3B] + body + [body.reduce(0, ^)]
    }

    /// The three software functions of a card capabilities object.
    static let capabilities: [UInt8] = [0x94, 0x01, 0xE0]
}
