/// Doc 9303-11, 6.1: the chip holds the private key to the public key in DG15.
struct ActiveAuthentication: Check {
    static let id = CheckIdentifier.chipActiveAuthentication

    static func evaluate(_ examination: Examination) -> Finding {
        guard let lds = examination.lds else { return .notPerformed(.prerequisiteFailed) }
        return lds.hashes[15] == nil ? .notApplicable(.notSupportedByChip) : .notPerformed(.noProof)
    }
}
