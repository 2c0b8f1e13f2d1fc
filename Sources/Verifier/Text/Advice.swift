/// What whoever stands before a card should do about a check that failed or could not be performed. The same in every
/// language; the words are each language's own.
///
/// No advice says to keep the card: only the authorities that the law names may (Law 26/2023/QH15, Art. 29).
public enum Advice: String, CaseIterable, Sendable {
    /// Refuse the card and tell the police.
    case refuseAndReport
    /// Refuse the card, since its owner reported it lost, and tell the police.
    case reportFoundCard
    /// Read the card once more, and refuse it when nothing changes.
    case readAgain
    /// Read the files that are missing.
    case readMissingFiles
    /// Read the card itself, not a stored image.
    case askTheChip
    /// Read the card on another reader, and have this one looked at.
    case useAnotherReader
    /// Look at what was typed or scanned.
    case checkInput
    /// Read the date that is printed on the card.
    case readPrintedDate
    /// Have the holder renew the document.
    case renewDocument
    /// Ask a registry of lost documents.
    case askRegistry
    /// Import the CSCA certificate of the State that issued the document.
    case importAnchor
    /// Import the newest CSCA certificates of the State, and refuse the card when nothing changes.
    case importNewerAnchor
    /// Import the document signer's certificate.
    case importSigner
    /// Import the current revocation list.
    case importRevocationList
    /// Look at this machine's clock, then ask the authority that issued the document.
    case checkClock
    /// Wait for an answer of the authority that issued the document.
    case askIssuer
    /// Establish who the person is by other means.
    case identifyOtherwise
    /// Look at the check that comes before this one.
    case settleEarlierCheck

    /// What to do about `check`; nil where nothing needs to be done.
    public init?(_ check: CheckOutcome) {
        guard check.result == .failed || check.result == .notPerformed else { return nil }
        guard let advice = Self.advice(check.id, check.reason) else { return nil }
        self = advice
    }

    private static func advice(_ check: CheckIdentifier, _ reason: CheckReason) -> Advice? {
        switch reason {
        case .ok, .okWithTolerances, .okWithRemarks, .noSignedAttributes, .notSupportedByChip, .noExpiry,
            .noCardSecurity,
            .fellBackToBasicAccessControl:
            nil
        case .prerequisiteFailed: .settleEarlierCheck

        case .wrongContentType, .contentTypeAttributeMismatch, .incompleteSignedAttributes, .messageDigestMismatch,
            .wrongSignature, .unusableSignerCertificate, .selfSignedSigner, .signerUsageMismatch, .signerIsAuthority,
            .documentTypeMismatch, .countryMismatch, .signerRevoked, .anchorRevoked, .hashMismatch, .notListed,
            .indexMismatch, .wrongProof, .keyNotSigned, .cardSecurityNotSigned:
            .refuseAndReport
        case .malformedSecurityObject, .malformedIndex, .malformedSecurityInfos, .malformedData, .chipRefused:
            .readAgain
        case .noSecurityObject, .noDataGroups, .notRead, .noIndex, .noCardAccess: .readMissingFiles
        case .unsupportedAlgorithm, .weakAlgorithm: .identifyOtherwise

        case .signerCertificateMissing: .importSigner
        case .noTrustAnchors, .unknownIssuer: .importAnchor
        case .notIssuedByTrustedKey, .anchorExpired: .importNewerAnchor
        case .noRevocationList, .staleRevocationList: .importRevocationList
        case .signerNotYetValid, .signerExpired, .anchorNotYetValid: .checkClock
        case .signedOutsideValidity, .signedOutsideKeyUsagePeriod, .issuedOutsideKeyUsagePeriod, .anchorUsageMismatch,
            .wrongCheckDigit:
            .askIssuer

        case .noProof: .askTheChip
        case .downgraded: .useAnotherReader
        case .contradiction: .checkInput
        case .noData: check == .documentExpiry ? .readPrintedDate : .readMissingFiles
        case .expired: .renewDocument
        case .notAsked: .askRegistry
        case .reportedLost: .reportFoundCard
        }
    }
}
