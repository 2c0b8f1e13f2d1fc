/// Doc 9303-11, 6.2: the chip holds the private key to the public key in DG14.
struct ChipAuthentication: Check {
    static let id = CheckIdentifier.chipAuthentication

    static func evaluate(_ examination: Examination) -> Finding {
        guard let lds = examination.lds else { return .notPerformed(.prerequisiteFailed) }
        return lds.hashes[14] == nil ? .notApplicable(.notSupportedByChip) : .notPerformed(.noProof)
    }
}
