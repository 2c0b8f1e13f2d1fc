/// RFC 5652, 5.4 and 11.2: the signed attributes carry the type and the hash of the content.
struct SecurityObjectMessageDigest: Check {
    static let id = CheckIdentifier.sodMessageDigest

    static func evaluate(_ examination: Examination) -> Finding {
        guard !examination.signers.isEmpty else { return .notPerformed(.prerequisiteFailed) }
        let findings = examination.signers.map(evaluate)
        return findings.first { $0.result == .failed } ?? findings[0]
    }

    private static func evaluate(_ signer: SignerExamination) -> Finding {
        switch signer.digest {
        case .matches: .passed
        case .differs: .failed(.messageDigestMismatch)
        case .contentTypeDiffers: .failed(.contentTypeAttributeMismatch)
        case .incompleteAttributes: .failed(.incompleteSignedAttributes)
        case .noAttributes: .notApplicable(.noSignedAttributes)
        case .unsupported:
            .failed(.unsupportedAlgorithm, .text("\(signer.info.digestAlgorithm.algorithm)"))
        }
    }
}
