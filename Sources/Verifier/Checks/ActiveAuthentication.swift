import Document

/// Doc 9303-11, 6.1: the chip holds the private key to the public key in the signed DG15.
struct ActiveAuthentication: Check {
    static let id = CheckIdentifier.chipActiveAuthentication

    static func evaluate(_ examination: Examination) -> Finding {
        guard let lds = examination.lds else { return .notPerformed(.prerequisiteFailed) }
        guard lds.hashes[15] != nil else { return .notApplicable(.notSupportedByChip) }
        guard examination.principalSigner?.signature.isValid == true else { return .notPerformed(.prerequisiteFailed) }
        guard examination.dataGroups[15] == .matches, let file = examination.evidence.image[.dg15] else {
            return examination.dataGroups[15] == .differs ? .failed(.hashMismatch) : .notPerformed(.notRead)
        }
        let key: DataGroup15
        do throws(DocumentError) {
            key = try DataGroup15(file.span)
        } catch {
            return .failed(.malformedSecurityInfos, .text("\(error)"))
        }
        switch examination.evidence.proofs.activeAuthentication {
        case .notAsked, .notOffered: return .notPerformed(.noProof)
        case .notSupported(let what): return .notPerformed(.unsupportedAlgorithm, .text(what))
        case .refused(let status, let command): return .failed(.chipRefused, .refusal(status, command))
        case .answered(let transcript):
            switch ActiveAuthenticationProof(transcript: transcript).judge(key, signedInfo(examination)) {
            case .proven: return .passed
            case .wrongSignature: return .failed(.wrongProof)
            case .unsupported(let what): return .notPerformed(.unsupportedAlgorithm, .text(what))
            }
        }
    }

    /// What DG14 says of the algorithm, if DG14 is what EF.SOD signs.
    private static func signedInfo(_ examination: Examination) -> ActiveAuthenticationInfo? {
        guard examination.dataGroups[14] == .matches, let file = examination.evidence.image[.dg14] else { return nil }
        return (try? DataGroup14(file.span))?.securityInfos.activeAuthentication
    }
}
