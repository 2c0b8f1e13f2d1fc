import CardReader

extension Problem {
    /// Why a card could not be read, as the caller is told. The text is the error's own: it speaks of readers and chips,
    /// never of the holder.
    init(_ error: CardReaderError, reader: String? = nil) {
        self.init(Kind(error), error.description)
        self.reader = reader
    }
}

extension Problem {
    /// The caller went away, or the daemon stops.
    static func cancelled(at reader: String) -> Problem { Problem(CardReaderError.cancelled, reader: reader) }
}

extension Problem.Kind {
    fileprivate init(_ error: CardReaderError) {
        switch error {
        case .serviceUnavailable: self = .serviceUnavailable
        case .noReader: self = .noReader
        case .readerUnavailable: self = .readerUnavailable
        case .readerInUse: self = .readerInUse
        case .readerFailure: self = .readerFault
        case .cancelled: self = .cancelled
        case .noCard: self = .noCard
        case .cardRemoved: self = .cardRemoved
        case .cardReset, .differentCard: self = .cardReset
        case .cardMute: self = .cardMute
        case .timeLimitExceeded: self = .timeLimit
        case .interrupted(_, let cause): self.init(cause)
        case .applicationNotFound: self = .notAnIdentityCard
        case .wrongKey: self = .wrongKey
        case .keyNotUsable: self = .keyNotUsable
        case .invalidKey: self = .invalidKey
        case .protocolViolation: self = .protocolViolation
        case .secureMessaging: self = .secureMessaging
        case .unexpectedStatus, .invalidAnswer, .cryptography: self = .cardFault
        case .invalidCommand, .terminalCredentials: self = .internalError
        }
    }
}
