import Document

/// Doc 9303-11, 6.2 and 4.4.3.5: the chip holds the private key to a public key in the signed DG14.
struct ChipAuthentication: Check {
    static let id = CheckIdentifier.chipAuthentication

    static func evaluate(_ examination: Examination) -> Finding {
        guard let lds = examination.lds else { return .notPerformed(.prerequisiteFailed) }
        guard lds.hashes[14] != nil else { return .notApplicable(.notSupportedByChip) }
        // A key that no signer signed proves nothing about the State's card.
        guard examination.principalSigner?.signature.isValid == true else { return .notPerformed(.prerequisiteFailed) }
        guard examination.dataGroups[14] == .matches, let file = examination.evidence.image[.dg14] else {
            return examination.dataGroups[14] == .differs ? .failed(.hashMismatch) : .notPerformed(.notRead)
        }
        let infos: SecurityInfos
        do throws(DocumentError) {
            infos = try DataGroup14(file.span).securityInfos
        } catch {
            return .failed(.malformedSecurityInfos, .text("\(error)"))
        }
        guard !infos.chipAuthenticationPublicKeys.isEmpty else { return .notApplicable(.notSupportedByChip) }
        let mapping = mapping(examination.evidence.proofs.paceChipAuthenticationMapping, infos)
        // Where the chip gave both proofs, both must be right.
        if let mapping, mapping.result == .failed { return mapping }
        switch examination.evidence.proofs.chipAuthentication {
        case .notAsked where mapping != nil, .notOffered where mapping != nil, .notSupported where mapping != nil:
            return mapping ?? .notPerformed(.noProof)
        case .notAsked, .notOffered: return .notPerformed(.noProof)
        case .notSupported(let what): return .notPerformed(.unsupportedAlgorithm, .text(what))
        case .refused(let status, let command): return .failed(.chipRefused, .refusal(status, command))
        case .answered(let transcript): return judge(ChipAuthenticationProof(transcript: transcript), infos)
        }
    }

    /// What chip authentication mapping shows; nil when it did not run.
    private static func mapping(
        _ proof: ChipProof<PACEChipAuthenticationMappingTranscript>, _ infos: SecurityInfos
    ) -> Finding? {
        guard case .answered(let transcript) = proof else { return nil }
        switch ChipAuthenticationMappingProof(transcript: transcript).judge(infos) {
        case .proven: return .passed(.ok, .text("\(transcript.protocolOID)"))
        case .noKey: return .notPerformed(.noProof)
        case .wrongAnswer: return .failed(.wrongProof)
        case .unsupported(let what): return .notPerformed(.unsupportedAlgorithm, .text(what))
        }
    }

    private static func judge(_ proof: ChipAuthenticationProof, _ infos: SecurityInfos) -> Finding {
        switch proof.judge(infos) {
        case .proven: .passed(.ok, .text("\(proof.transcript.protocolOID)"))
        case .foreignKey: .failed(.keyNotSigned)
        case .wrongAnswer: .failed(.wrongProof)
        case .unsupported(let what): .notPerformed(.unsupportedAlgorithm, .text(what))
        }
    }
}

extension CheckDetail {
    /// Which command a chip refused, and with which status word.
    static func refusal(_ status: UInt16, _ command: String) -> CheckDetail {
        .text("\(command): \(Hexadecimal.text([UInt8(status >> 8), UInt8(status & 0xFF)]))")
    }
}
