import Document

/// The two status bytes SW1-SW2 that end every answer of a chip (ISO/IEC 7816-4, 5.6).
public struct StatusWord: RawRepresentable, Hashable, Sendable {
    /// SW1 in the upper, SW2 in the lower byte.
    public let rawValue: UInt16

    /// - Parameter rawValue: SW1 in the upper, SW2 in the lower byte.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// SW1 and SW2 as they stand on the wire.
    public init(_ first: UInt8, _ second: UInt8) { rawValue = UInt16(first) << 8 | UInt16(second) }

    /// `9000`: normal processing.
    public static let success = StatusWord(rawValue: 0x9000)
    /// `6282`: the end of the file came before Ne bytes were read; the data is good.
    public static let endOfFile = StatusWord(rawValue: 0x6282)
    /// `6300`: the authentication failed.
    public static let authenticationFailed = StatusWord(rawValue: 0x6300)
    /// `6700`: the length of the command or of the expected answer is wrong.
    public static let wrongLength = StatusWord(rawValue: 0x6700)
    /// `6982`: security status not satisfied.
    public static let securityStatusNotSatisfied = StatusWord(rawValue: 0x6982)
    /// `6A80`: incorrect parameters in the command data field.
    public static let incorrectData = StatusWord(rawValue: 0x6A80)
    /// `6A82`: file or application not found.
    public static let notFound = StatusWord(rawValue: 0x6A82)
    /// `6A88`: referenced data, such as a key, not found.
    public static let referencedDataNotFound = StatusWord(rawValue: 0x6A88)
    /// `6B00`: wrong P1-P2; for READ BINARY an offset outside the file.
    public static let offsetOutsideFile = StatusWord(rawValue: 0x6B00)
    /// `6D00`: instruction not supported.
    public static let instructionNotSupported = StatusWord(rawValue: 0x6D00)
    /// `6E00`: class not supported.
    public static let classNotSupported = StatusWord(rawValue: 0x6E00)

    var first: UInt8 { UInt8(truncatingIfNeeded: rawValue >> 8) }
    var second: UInt8 { UInt8(truncatingIfNeeded: rawValue) }

    /// SW1-SW2 as they stand on the wire.
    var encoded: [UInt8] { [first, second] }

    /// Whether the chip does not know the command at all, as opposed to refusing what it carries.
    var meansUnknownCommand: Bool { self == .instructionNotSupported || self == .classNotSupported }

    /// `6Cxx`: the length that Le should have had, `00` standing for 256.
    var namedCount: Int? {
        guard first == 0x6C else { return nil }
        return second == 0 ? CommandAPDU.shortExpectedLimit : Int(second)
    }

    /// `63Cx`: a warning that `x` further tries are left.
    var remainingTries: Int? { rawValue & 0xFFF0 == 0x63C0 ? Int(rawValue & 0x000F) : nil }
}

extension StatusWord: CustomStringConvertible {
    /// Four hexadecimal digits and, where ISO/IEC 7816-4 gives one, the meaning: `6982 (security status not
    /// satisfied)`.
    public var description: String {
        let digits = Hexadecimal.text(encoded)
        return meaning.map { "\(digits) (\($0))" } ?? digits
    }

    private var meaning: String? {
        switch rawValue {
        case 0x9000: "success"
        case 0x6282: "end of file"
        case 0x6283: "file deactivated"
        case 0x6300: "authentication failed"
        case 0x63C0...0x63CF: "\(second & 0x0F) tries left"
        case 0x6700: "wrong length"
        case 0x6881: "logical channel not supported"
        case 0x6882: "secure messaging not supported"
        case 0x6883: "last command of the chain expected"
        case 0x6884: "command chaining not supported"
        case 0x6982: "security status not satisfied"
        case 0x6983: "authentication method blocked"
        case 0x6984: "reference data not usable"
        case 0x6985: "conditions of use not satisfied"
        case 0x6986: "no current file"
        case 0x6987: "secure messaging data objects missing"
        case 0x6988: "secure messaging data objects incorrect"
        case 0x6A80: "incorrect parameters in the data field"
        case 0x6A81: "function not supported"
        case 0x6A82: "file or application not found"
        case 0x6A86: "incorrect P1-P2"
        case 0x6A88: "referenced data not found"
        case 0x6B00: "offset outside the file"
        case 0x6D00: "instruction not supported"
        case 0x6E00: "class not supported"
        case 0x6F00: "no precise diagnosis"
        default: nil
        }
    }
}
