/// Every data group that EF.SOD lists was read; those that were not are told, since nothing is known of them.
struct DataGroupCompleteness: Check {
    static let id = CheckIdentifier.dataGroupsComplete

    static func evaluate(_ examination: Examination) -> Finding {
        guard let lds = examination.lds else { return .notPerformed(.prerequisiteFailed) }
        let unread = lds.hashes.keys.filter { examination.dataGroups[$0] == nil }.sorted()
        return unread.isEmpty ? .passed : .notPerformed(.notRead, .list(unread.map { "DG\($0)" }))
    }
}
