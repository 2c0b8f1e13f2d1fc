import Document

/// What became of one try to open a chip.
enum AccessOutcome {
    /// Chip and terminal know each other; the session is protected from here on.
    case opened(OpenedChip)
    /// The chip does not know the key.
    case wrongKey(StatusWord)
    /// The chip does not do this protocol, or not with these parameters.
    case refused(StatusWord, step: String)

    var told: AccessAttempt.Outcome {
        switch self {
        case .opened: .opened
        case .wrongKey(let status): .wrongKey(status)
        case .refused(let status, let step): .refused(status, step: step)
        }
    }
}

/// What the opening of a chip leaves for the protocols that follow.
struct OpenedChip {
    let messaging: SecureMessaging
    /// ID_IC (Doc 9303-11, 7.1.2): the document number after BAC, Comp() of the chip's ephemeral public key after PACE.
    var chipIdentifier: [UInt8] = []
    /// Comp() of the terminal's ephemeral public key of PACE; nil after BAC.
    var terminalIdentifier: [UInt8]?
    /// The names of the certification authorities that the chip accepts terminals' certificates from, where PACE told.
    var certificationAuthorities: [[UInt8]] = []
    /// What PACE with chip authentication mapping left to be judged.
    var mapping: PACEChipAuthenticationMappingTranscript?
}
