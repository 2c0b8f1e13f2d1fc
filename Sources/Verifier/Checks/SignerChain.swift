/// Doc 9303-12, 5: a trusted CSCA issued the document signer's certificate.
///
/// A certificate that came with EF.SOD is never an anchor, whatever it says of itself.
struct SignerChain: Check {
    static let id = CheckIdentifier.signerChain

    static func evaluate(_ examination: Examination) -> Finding {
        guard let signer = examination.principalSigner else { return .notPerformed(.prerequisiteFailed) }
        return judge(signer)
    }

    static func judge(_ signer: SignerExamination) -> Finding {
        guard let certificate = signer.certificate else { return .notPerformed(.signerCertificateMissing) }
        switch signer.chain {
        case .anchored(let issuer): return .passed(issuer.tolerances)
        case .selfSigned: return .failed(.selfSignedSigner, .text(certificate.subject.text))
        case .noAnchors: return .notPerformed(.noTrustAnchors)
        case .unknownIssuer: return .notPerformed(.unknownIssuer, .text(certificate.issuer.text))
        case .notSigned(let names): return .failed(.notIssuedByTrustedKey, .list(names))
        }
    }
}
