/// Doc 9303-11, 5.1: each data group that was read has the hash that EF.SOD lists.
struct DataGroupHashes: Check {
    static let id = CheckIdentifier.dataGroupsHash

    static func evaluate(_ examination: Examination) -> Finding {
        let read = examination.evidence.image.files.keys.compactMap(\.dataGroupNumber)
        guard !read.isEmpty else { return .notPerformed(.noDataGroups) }
        let findings = examination.dataGroups
        guard !findings.isEmpty else { return .notPerformed(.prerequisiteFailed) }
        let detail = CheckDetail.table(
            Dictionary(uniqueKeysWithValues: findings.map { ("DG\($0.key)", $0.value.rawValue) }))
        if findings.values.contains(.differs) { return .failed(.hashMismatch, detail) }
        if findings.values.contains(.notListed) { return .failed(.notListed, detail) }
        return .passed(.ok, detail)
    }
}
