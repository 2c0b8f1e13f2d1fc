/// RFC 5652, 5.6: the signature is the document signer's. Every signer whose certificate came along must be right.
struct SecurityObjectSignature: Check {
    static let id = CheckIdentifier.sodSignature

    static func evaluate(_ examination: Examination) -> Finding {
        guard let principal = examination.principalSigner else { return .notPerformed(.prerequisiteFailed) }
        let wrong = examination.signers.first { $0.signature == .wrong }
        let signer = wrong ?? principal
        switch signer.signature {
        case .valid, .validWithoutNULL:
            let tolerances = examination.signers.reduce(into: Set<SignatureTolerance>()) {
                $0.formUnion($1.signature.isValid ? $1.tolerances : [.furtherSignerNotJudged])
            }
            return .passed(tolerances)
        case .wrong: return .failed(.wrongSignature)
        case .unsupported(let name): return .failed(.unsupportedAlgorithm, .text(name))
        case .noCertificate: return .notPerformed(.signerCertificateMissing)
        case .unusableCertificate(let why): return .failed(.unusableSignerCertificate, .text(why))
        }
    }
}
