/// The two status bytes at the end of an answer (ISO/IEC 7816-4, 5.6).
struct StatusWord: RawRepresentable, Equatable, Sendable {
    let rawValue: UInt16

    init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The two bytes.
    var bytes: [UInt8] { [UInt8(truncatingIfNeeded: rawValue >> 8), UInt8(truncatingIfNeeded: rawValue)] }

    static let success = StatusWord(rawValue: 0x9000)
    /// The end of the file came before Ne bytes.
    static let endOfFile = StatusWord(rawValue: 0x6282)
    static let authenticationFailed = StatusWord(rawValue: 0x6300)
    static let wrongLength = StatusWord(rawValue: 0x6700)
    static let secureMessagingNotSupported = StatusWord(rawValue: 0x6882)
    static let lastCommandOfChainExpected = StatusWord(rawValue: 0x6883)
    static let chainingNotSupported = StatusWord(rawValue: 0x6884)
    static let securityStatusNotSatisfied = StatusWord(rawValue: 0x6982)
    static let authenticationMethodBlocked = StatusWord(rawValue: 0x6983)
    static let conditionsNotSatisfied = StatusWord(rawValue: 0x6985)
    static let noCurrentFile = StatusWord(rawValue: 0x6986)
    static let secureMessagingObjectsMissing = StatusWord(rawValue: 0x6987)
    static let secureMessagingObjectsIncorrect = StatusWord(rawValue: 0x6988)
    static let wrongData = StatusWord(rawValue: 0x6A80)
    static let fileNotFound = StatusWord(rawValue: 0x6A82)
    static let wrongParameters = StatusWord(rawValue: 0x6A86)
    static let referencedDataNotFound = StatusWord(rawValue: 0x6A88)
    static let wrongOffset = StatusWord(rawValue: 0x6B00)
    static let instructionNotSupported = StatusWord(rawValue: 0x6D00)
    static let classNotSupported = StatusWord(rawValue: 0x6E00)
    static let internalError = StatusWord(rawValue: 0x6F00)

    /// Whether this is no success and no warning (ISO/IEC 7816-4, 5.6).
    var isError: Bool { rawValue >> 8 >= 0x64 && rawValue != 0x9000 }

    /// `triesLeft` more tries with this password (63Cx).
    static func tries(_ triesLeft: Int) -> StatusWord {
        StatusWord(rawValue: 0x63C0 | UInt16(min(max(triesLeft, 0), 15)))
    }

    /// `count` bytes are available when asked for by the right Le (6Cxx); 256 is written as 00.
    static func available(_ count: Int) -> StatusWord { StatusWord(rawValue: 0x6C00 | UInt16(count & 0xFF)) }

    /// More bytes can be fetched by GET RESPONSE (61xx); 256 and more are written as 00.
    static func more(_ count: Int) -> StatusWord { StatusWord(rawValue: 0x6100 | UInt16(count > 255 ? 0 : count)) }
}

/// An answer before secure messaging.
struct ChipResponse: Equatable, Sendable {
    var data: [UInt8] = []
    var status = StatusWord.success

    var bytes: [UInt8] { data + status.bytes }
}

/// The chip declines a command with a status word.
struct ChipRefusal: Error, Equatable {
    let status: StatusWord
}
