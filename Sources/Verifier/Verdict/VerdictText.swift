/// A verdict as lines for people.
public enum VerdictText {
    /// The outcome, the holder and the signer in a line each, then each check, the failed ones first.
    public static func lines(of verdict: Verdict) -> [String] {
        var lines = [verdict.outcome.rawValue.uppercased() + remarks(verdict)]
        if let holder = verdict.holder {
            let fields = [holder.fullName, holder.birthDate, holder.personalNumber].compactMap { $0 }
            lines.append("  holder   " + fields.joined(separator: ", ") + (holder.isProven ? "" : " (not proven)"))
        }
        if let signer = verdict.signer {
            lines.append("  signer   \(signer.subject), \(signer.signatureAlgorithm ?? "unknown algorithm")")
            lines.append("  trusted  \(signer.trustAnchor ?? "no")")
        }
        let order: [CheckResult] = [.failed, .notPerformed, .passed, .notApplicable]
        let checks = order.flatMap { result in verdict.checks.filter { $0.result == result } }
        return lines + checks.map(line)
    }

    private static func remarks(_ verdict: Verdict) -> String {
        verdict.validity.isEmpty ? "" : " — " + verdict.validity.map(\.rawValue).joined(separator: ", ")
    }

    private static func line(_ check: CheckOutcome) -> String {
        let sign =
            switch check.result {
            case .passed: "✓"
            case .failed: "✗"
            case .notPerformed: "?"
            case .notApplicable: "–"
            }
        let name = check.id.rawValue
        var line = "  \(sign) \(name)" + String(repeating: " ", count: max(1, 28 - name.count))
        line += check.reason == .ok ? check.result.rawValue : "\(check.result.rawValue): \(check.reason.rawValue)"
        if let detail = check.detail.map(text) { line += " (\(detail))" }
        return line
    }

    private static func text(_ detail: CheckDetail) -> String {
        switch detail {
        case .text(let text): text
        case .list(let list): list.joined(separator: ", ")
        case .table(let table):
            table.sorted { $0.key.compare(numerically: $1.key) }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        }
    }
}

extension String {
    /// Whether this name sorts before `other` when numbers at their ends count as numbers: DG2 before DG13.
    fileprivate func compare(numerically other: String) -> Bool {
        count == other.count ? self < other : count < other.count
    }
}
