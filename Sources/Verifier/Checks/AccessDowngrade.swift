import Document

/// Doc 9303-11, 4.2: EF.CardAccess, which nobody signs, offers every PACE variant that the signed DG14 announces.
/// Without this, whoever sits between reader and chip could hide PACE and be left with the weaker BAC.
struct AccessDowngrade: Check {
    static let id = CheckIdentifier.chipDowngrade

    static func evaluate(_ examination: Examination) -> Finding {
        guard let lds = examination.lds else { return .notPerformed(.prerequisiteFailed) }
        guard lds.hashes[14] != nil else { return .notApplicable(.notSupportedByChip) }
        let image = examination.evidence.image
        guard examination.dataGroups[14] == .matches, let file = image[.dg14] else { return .notPerformed(.notRead) }
        do throws(DocumentError) {
            let signed = paceVariants(try DataGroup14(file.span).securityInfos)
            guard !signed.isEmpty else { return .notApplicable(.notSupportedByChip) }
            guard let cardAccess = image[.cardAccess] else { return .notPerformed(.noCardAccess) }
            let missing = signed.subtracting(paceVariants(try SecurityInfos(cardAccess.span)))
            return missing.isEmpty ? .passed : .failed(.downgraded, .list(missing.sorted()))
        } catch {
            return .failed(.malformedSecurityInfos, .text("\(error)"))
        }
    }

    private static func paceVariants(_ infos: SecurityInfos) -> Set<String> {
        Set(
            infos.infos.compactMap { info in
                guard case .pace(let pace) = info else { return nil }
                return "\(pace.protocolOID) parameters \(pace.parameterID.map(String.init) ?? "none")"
            })
    }
}
