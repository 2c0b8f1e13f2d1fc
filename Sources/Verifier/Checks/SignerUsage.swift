import Crypto

/// Doc 9303-12, 7.1: the document signer's certificate is for signing documents, the CSCA's for issuing certificates.
struct SignerUsage: Check {
    static let id = CheckIdentifier.signerUsage

    static func evaluate(_ examination: Examination) -> Finding {
        guard let signer = examination.principalSigner, let certificate = signer.certificate else {
            return .notPerformed(.signerCertificateMissing)
        }
        if certificate.hasInvalidExtensions { return .failed(.unusableSignerCertificate, .text("invalid extensions")) }
        if certificate.basicConstraints?.isCA == true { return .failed(.signerIsAuthority) }
        guard let usage = certificate.keyUsage, usage.contains(.digitalSignature) else {
            return .failed(.signerUsageMismatch, .text("keyUsage without digitalSignature"))
        }
        if usage.contains(.keyCertSign) { return .failed(.signerUsageMismatch, .text("keyUsage with keyCertSign")) }
        guard let anchor = signer.chain.anchor?.certificate else { return .notPerformed(.prerequisiteFailed) }
        guard anchor.basicConstraints?.isCA == true, anchor.keyUsage?.contains(.keyCertSign) == true else {
            return .failed(.anchorUsageMismatch, .text(anchor.subject.text))
        }
        guard certificate.subject.country == anchor.subject.country else {
            return .failed(
                .countryMismatch,
                .list([certificate.subject.country, anchor.subject.country].map { $0?.uppercased() ?? "none" }))
        }
        return .passed
    }
}
