import Document

/// Doc 9303-11, 4.2: EF.CardAccess, which nobody signs, offers every PACE variant that the signed DG14 or the signed
/// EF.CardSecurity announces. Without this, whoever sits between reader and chip could hide PACE and be left with the
/// weaker BAC. That BAC was fallen back on though the chip does PACE, which the standard allows, is told.
struct AccessDowngrade: Check {
    static let id = CheckIdentifier.chipDowngrade

    static func evaluate(_ examination: Examination) -> Finding {
        guard let lds = examination.lds else { return .notPerformed(.prerequisiteFailed) }
        let image = examination.evidence.image
        let opening = examination.evidence.proofs.opening
        do throws(DocumentError) {
            var signed = paceVariants(examination.cardSecurity.trustedInfos)
            if examination.dataGroups[14] == .matches, let file = image[.dg14] {
                signed.formUnion(paceVariants(try DataGroup14(file.span).securityInfos))
            } else if lds.hashes[14] != nil {
                return .notPerformed(.notRead)
            }
            guard !signed.isEmpty else {
                guard case .basicAccessControl(let refused) = opening, !refused.isEmpty else {
                    return .notApplicable(.notSupportedByChip)
                }
                return .passed(.fellBackToBasicAccessControl, .list(refused))
            }
            guard let cardAccess = image[.cardAccess] else {
                // A chip that was asked for the file and gave none did not offer what it signed.
                return opening == nil ? .notPerformed(.noCardAccess) : .failed(.downgraded, .list(signed.sorted()))
            }
            let missing = signed.subtracting(paceVariants(try SecurityInfos(cardAccess.span)))
            guard missing.isEmpty else { return .failed(.downgraded, .list(missing.sorted())) }
        } catch {
            return .failed(.malformedSecurityInfos, .text("\(error)"))
        }
        guard case .basicAccessControl(let refused) = opening else { return .passed }
        return .passed(.fellBackToBasicAccessControl, refused.isEmpty ? nil : .list(refused))
    }

    private static func paceVariants(_ infos: SecurityInfos?) -> Set<String> {
        Set(
            (infos?.pace ?? []).map { pace in
                "\(pace.protocolOID) parameters \(pace.parameterID.map(String.init) ?? "none")"
            })
    }
}
