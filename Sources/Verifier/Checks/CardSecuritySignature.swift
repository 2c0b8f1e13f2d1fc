import Document

/// Doc 9303-11, 9.2.11: EF.CardSecurity, which holds the key of PACE with chip authentication mapping, is signed by a
/// document signer of a trusted CSCA, of whom the same is asked as of EF.SOD's.
struct CardSecuritySignature: Check {
    static let id = CheckIdentifier.chipCardSecurity

    static func evaluate(_ examination: Examination) -> Finding {
        switch examination.cardSecurity {
        case .notRead: .notApplicable(.noCardSecurity)
        case .malformed(let error): .failed(.malformedSecurityInfos, .text("\(error)"))
        case .read(_, .trusted): .passed
        case .read(_, .refused(let why)): .failed(.cardSecurityNotSigned, .text(why))
        case .read(_, .unsettled(let why)): .notPerformed(.prerequisiteFailed, .text(why))
        }
    }
}
