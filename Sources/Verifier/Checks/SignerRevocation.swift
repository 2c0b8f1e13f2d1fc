/// Doc 9303-12, 5: neither certificate is on a current revocation list.
struct SignerRevocation: Check {
    static let id = CheckIdentifier.signerRevocation

    static func evaluate(_ examination: Examination) -> Finding { .notPerformed(.noRevocationList) }
}
