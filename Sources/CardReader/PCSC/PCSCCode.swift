import Document

/// A result code of PC/SC (PC/SC Part 5, 3.1; `pcsclite.h`).
public struct PCSCCode: RawRepresentable, Hashable, Sendable {
    /// The code as the lower 32 bits of what the call returned.
    public let rawValue: UInt32

    /// - Parameter rawValue: The code as the lower 32 bits of what the call returned.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    static let success = PCSCCode(rawValue: 0)
    static let cancelled = PCSCCode(rawValue: 0x8010_0002)
    static let invalidHandle = PCSCCode(rawValue: 0x8010_0003)
    static let unknownReader = PCSCCode(rawValue: 0x8010_0009)
    static let timeout = PCSCCode(rawValue: 0x8010_000A)
    static let sharingViolation = PCSCCode(rawValue: 0x8010_000B)
    static let noSmartCard = PCSCCode(rawValue: 0x8010_000C)
    static let commError = PCSCCode(rawValue: 0x8010_0013)
    static let notTransacted = PCSCCode(rawValue: 0x8010_0016)
    static let readerUnavailable = PCSCCode(rawValue: 0x8010_0017)
    static let noService = PCSCCode(rawValue: 0x8010_001D)
    static let serviceStopped = PCSCCode(rawValue: 0x8010_001E)
    static let noReadersAvailable = PCSCCode(rawValue: 0x8010_002E)
    static let unsupportedCard = PCSCCode(rawValue: 0x8010_0065)
    static let unresponsiveCard = PCSCCode(rawValue: 0x8010_0066)
    static let unpoweredCard = PCSCCode(rawValue: 0x8010_0067)
    static let resetCard = PCSCCode(rawValue: 0x8010_0068)
    static let removedCard = PCSCCode(rawValue: 0x8010_0069)

    private static let names: [PCSCCode: String] = [
        .cancelled: "SCARD_E_CANCELLED",
        .invalidHandle: "SCARD_E_INVALID_HANDLE",
        .unknownReader: "SCARD_E_UNKNOWN_READER",
        .timeout: "SCARD_E_TIMEOUT",
        .sharingViolation: "SCARD_E_SHARING_VIOLATION",
        .noSmartCard: "SCARD_E_NO_SMARTCARD",
        .commError: "SCARD_F_COMM_ERROR",
        .notTransacted: "SCARD_E_NOT_TRANSACTED",
        .readerUnavailable: "SCARD_E_READER_UNAVAILABLE",
        .noService: "SCARD_E_NO_SERVICE",
        .serviceStopped: "SCARD_E_SERVICE_STOPPED",
        .noReadersAvailable: "SCARD_E_NO_READERS_AVAILABLE",
        .unsupportedCard: "SCARD_W_UNSUPPORTED_CARD",
        .unresponsiveCard: "SCARD_W_UNRESPONSIVE_CARD",
        .unpoweredCard: "SCARD_W_UNPOWERED_CARD",
        .resetCard: "SCARD_W_RESET_CARD",
        .removedCard: "SCARD_W_REMOVED_CARD",
    ]
}

extension PCSCCode: CustomStringConvertible {
    /// The name in `pcsclite.h`, or the code in hexadecimal.
    public var description: String { Self.names[self] ?? "0x" + String(rawValue, radix: 16, uppercase: true) }
}

/// A PC/SC call that did not succeed.
struct PCSCFailure: Error, Equatable, Sendable {
    /// The function's name: `SCardConnect`.
    let call: String
    let code: PCSCCode

    /// The failure as something a caller can act on, where it happened on `reader`.
    func asError(reader: String = "") -> CardReaderError {
        switch code {
        // The client library's word for a pcscd that ended during a call is commError; later calls find no such handle.
        case .noService, .serviceStopped, .invalidHandle, .commError: .serviceUnavailable(code: code)
        case .noReadersAvailable: .noReader
        case .unknownReader, .readerUnavailable: .readerUnavailable(reader: reader, code: code)
        case .sharingViolation: .readerInUse(reader: reader)
        case .noSmartCard: .noCard(reader: reader)
        case .removedCard: .cardRemoved(code: code)
        case .resetCard: .cardReset(code: code)
        case .unresponsiveCard, .unpoweredCard, .unsupportedCard: .cardMute(code: code)
        case .cancelled: .cancelled
        default: .readerFailure(call: call, code: code)
        }
    }
}
