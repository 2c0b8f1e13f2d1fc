/// The particulars of a check in a language: the words that checks use in their details become the language's, names of
/// files, certificates and algorithms stay as they are.
struct DetailText {
    private let wording: any VerdictWording.Type

    init(_ wording: any VerdictWording.Type) { self.wording = wording }

    /// Nil when there are none.
    func text(_ check: CheckOutcome) -> String? {
        switch check.detail {
        case nil: nil
        case .text(let text): isTechnical(check.reason) ? "\(wording.heading(.technicalDetail)): \(text)" : text
        case .list(let list): list.map { entry($0, check.reason) }.joined(separator: "; ")
        case .table(let table): text(table, check)
        }
    }

    /// `YYYY-MM-DD`, also with a time behind it, as the language writes days; other text as it is.
    func day(_ text: String) -> String {
        let parts = text.prefix(10).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.map(\.count) == [4, 2, 2], parts.joined().allSatisfy(\.isNumber) else { return text }
        return wording.day(parts[0], parts[1], parts[2])
    }

    /// Whether the detail speaks to whoever maintains the software, in English.
    private func isTechnical(_ reason: CheckReason) -> Bool {
        switch reason {
        case .malformedSecurityObject, .malformedIndex, .malformedSecurityInfos, .malformedData,
            .unusableSignerCertificate, .unsupportedAlgorithm, .signerUsageMismatch, .chipRefused:
            true
        default: false
        }
    }

    private func word(_ text: some StringProtocol) -> String { wording.word(String(text)) ?? String(text) }

    /// `name: DG1, DG13`, `DG13 birthDate`, or a word alone.
    private func entry(_ text: String, _ reason: CheckReason) -> String {
        switch reason {
        case .contradiction, .weakAlgorithm, .okWithRemarks:
            guard let colon = text.firstIndex(of: ":") else { return word(text) }
            let values = text[colon...].dropFirst().split(separator: ",").map { word($0.drop { $0 == " " }) }
            return "\(word(text[..<colon])): \(values.joined(separator: ", "))"
        case .malformedData: return text.split(separator: " ").map(word).joined(separator: " ")
        default: return word(text)
        }
    }

    private func text(_ table: [String: String], _ check: CheckOutcome) -> String? {
        switch check.id {
        case .dataGroupsHash:
            let wanted: String? = check.result == .failed ? (check.reason == .notListed ? "notListed" : "differs") : nil
            let names = table.filter { wanted == nil || $0.value == wanted }.keys.sorted(by: Self.precedes)
            return names.isEmpty ? nil : names.joined(separator: ", ")
        case .holderConsistency:
            let faults = table.sorted { Self.precedes($0.key, $1.key) }.map { "\($0.key): \($0.value)" }
            return "\(wording.heading(.technicalDetail)): \(faults.joined(separator: "; "))"
        case .dataGroupsIndex: return phrases(["onlyInCOM", "onlyInSOD"], of: table, separator: "; ")
        case .signerRevocation: return phrases(["thisUpdate", "nextUpdate"], of: table, separator: ", ")
        default: return phrases(["subject", "notBefore", "notAfter"], of: table, separator: " ")
        }
    }

    /// The values of `keys` that are there and not empty, each behind its word.
    private func phrases(_ keys: [String], of table: [String: String], separator: String) -> String? {
        let phrases = keys.compactMap { key in
            table[key].flatMap { $0.isEmpty ? nil : "\(word(key)) \(word(day($0)))" }
        }
        return phrases.isEmpty ? nil : phrases.joined(separator: separator)
    }

    /// Whether one name of a data group stands before another: DG2 before DG13.
    private static func precedes(_ a: String, _ b: String) -> Bool { (a.count, a) < (b.count, b) }
}
