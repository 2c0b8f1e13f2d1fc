import Document

/// Doc 9303-11, 6.2 and 4.4.3.5: the chip holds the private key to a public key in the signed DG14, or for chip
/// authentication mapping in the signed EF.CardSecurity.
struct ChipAuthentication: Check {
    static let id = CheckIdentifier.chipAuthentication

    static func evaluate(_ examination: Examination) -> Finding {
        guard let lds = examination.lds else { return .notPerformed(.prerequisiteFailed) }
        let keysInCardSecurity = examination.cardSecurity.securityInfos?.chipAuthenticationPublicKeys ?? []
        guard lds.hashes[14] != nil || !keysInCardSecurity.isEmpty else { return .notApplicable(.notSupportedByChip) }
        // A key that no signer signed proves nothing about the State's card.
        guard examination.principalSigner?.signature.isValid == true else { return .notPerformed(.prerequisiteFailed) }
        guard examination.dataGroups[14] != .differs else { return .failed(.hashMismatch) }
        let signed: SecurityInfos?
        do throws(DocumentError) { signed = try signedInfos(examination) } catch {
            return .failed(.malformedSecurityInfos, .text("\(error)"))
        }
        let mapping = mapping(examination, signed)
        // Where the chip gave both proofs, both must be right.
        if let mapping, mapping.result == .failed { return mapping }
        guard let signed, !signed.chipAuthenticationPublicKeys.isEmpty else {
            if let mapping { return mapping }
            guard keysInCardSecurity.isEmpty else { return .notPerformed(.noProof) }
            return signed == nil ? .notPerformed(.notRead) : .notApplicable(.notSupportedByChip)
        }
        switch examination.evidence.proofs.chipAuthentication {
        case .notAsked where mapping != nil, .notOffered where mapping != nil, .notSupported where mapping != nil:
            return mapping ?? .notPerformed(.noProof)
        case .notAsked, .notOffered: return .notPerformed(.noProof)
        case .notSupported(let what): return .notPerformed(.unsupportedAlgorithm, .text(what))
        case .refused(let status, let command): return .failed(.chipRefused, .refusal(status, command))
        case .answered(let transcript): return judge(ChipAuthenticationProof(transcript: transcript), signed)
        }
    }

    /// What DG14 says, if it was read and is what EF.SOD signs.
    private static func signedInfos(_ examination: Examination) throws(DocumentError) -> SecurityInfos? {
        guard examination.dataGroups[14] == .matches, let file = examination.evidence.image[.dg14] else { return nil }
        return try DataGroup14(file.span).securityInfos
    }

    /// What chip authentication mapping shows; nil when it did not run.
    ///
    /// The key may stand in DG14 as well. One of EF.CardSecurity proves no more than its signature does.
    private static func mapping(_ examination: Examination, _ signed: SecurityInfos?) -> Finding? {
        guard case .answered(let transcript) = examination.evidence.proofs.paceChipAuthenticationMapping else {
            return nil
        }
        let proof = ChipAuthenticationMappingProof(transcript: transcript)
        let byDataGroup = signed.map(proof.judge) ?? .noKey
        if byDataGroup == .proven { return .passed(.ok, .text("\(transcript.protocolOID)")) }
        let byCardSecurity = examination.cardSecurity.securityInfos.map(proof.judge) ?? .noKey
        switch (byDataGroup, byCardSecurity) {
        case (_, .proven): return believed(examination.cardSecurity, transcript)
        case (.unsupported(let what), _), (_, .unsupported(let what)):
            return .notPerformed(.unsupportedAlgorithm, .text(what))
        case (.noKey, .noKey): return .notPerformed(.noProof)
        default: return .failed(.wrongProof)
        }
    }

    /// A proof by a key of EF.CardSecurity.
    private static func believed(
        _ cardSecurity: CardSecurityFinding, _ transcript: PACEChipAuthenticationMappingTranscript
    ) -> Finding {
        switch cardSecurity {
        case .read(_, .trusted): .passed(.ok, .text("\(transcript.protocolOID), by the key in EF.CardSecurity"))
        case .read(_, .unsettled(let why)): .notPerformed(.prerequisiteFailed, .text("EF.CardSecurity, \(why)"))
        case .read(_, .refused(let why)): .failed(.keyNotSigned, .text("EF.CardSecurity, \(why)"))
        case .notRead, .malformed: .notPerformed(.noProof)
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
