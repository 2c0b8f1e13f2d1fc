import Document

/// Doc 9303-10, 4.6: EF.COM, which nobody signs, names the same data groups as EF.SOD.
struct DataGroupIndex: Check {
    static let id = CheckIdentifier.dataGroupsIndex

    static func evaluate(_ examination: Examination) -> Finding {
        guard let lds = examination.lds else { return .notPerformed(.prerequisiteFailed) }
        guard let file = examination.evidence.image[.com] else { return .notPerformed(.noIndex) }
        let named: Set<Int>
        do throws(DocumentError) {
            named = Set(try CommonData(file.span).dataGroups)
        } catch {
            return .failed(.malformedIndex, .text("\(error)"))
        }
        let listed = Set(lds.hashes.keys)
        guard named != listed else { return .passed }
        return .failed(
            .indexMismatch,
            .table([
                "onlyInCOM": named.subtracting(listed).sorted().map { "DG\($0)" }.joined(separator: " "),
                "onlyInSOD": listed.subtracting(named).sorted().map { "DG\($0)" }.joined(separator: " "),
            ]))
    }
}
