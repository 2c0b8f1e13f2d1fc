/// A verdict as sentences for people, in their language.
///
/// Nothing in a line about a check comes from the holder's data. Whatever came from a card or a certificate is printed
/// without the control characters that would move a terminal's cursor or turn text around.
public enum VerdictText {
    /// The whole verdict: what the answer is, what speaks against using the document, holder and signer, and then each
    /// check, the failed ones first, each in one line.
    public static func lines(of verdict: Verdict, language: VerdictLanguage) -> [String] {
        let wording = language.wording
        var lines = [sentence(for: verdict.outcome, language: language)]
        lines += verdict.validity.map { "! " + sentence(for: $0, language: language) }
        if let holder = verdict.holder { lines.append("  " + line(holder, wording)) }
        if let signer = verdict.signer { lines.append("  " + line(signer, wording)) }
        return lines + ordered(verdict.checks).map { "  " + line(for: $0, language: language) }
    }

    /// The checks as they are told: failed ones first, then those not performed, passed, and not applicable, each group in
    /// the order of the verdict.
    public static func ordered(_ checks: [CheckOutcome]) -> [CheckOutcome] {
        let order: [CheckResult] = [.failed, .notPerformed, .passed, .notApplicable]
        return order.flatMap { result in checks.filter { $0.result == result } }
    }

    /// One check in one line: a sign for its result, its name and identifier, why, and what to do.
    public static func line(for check: CheckOutcome, language: VerdictLanguage) -> String {
        let parts = [
            "\(sign(check.result)) \(name(of: check.id, language: language)) (\(check.id.rawValue)):",
            sentence(for: check, language: language), advice(for: check, language: language).map { "→ " + $0 },
        ]
        return parts.compactMap { $0 }.joined(separator: " ")
    }

    /// The answer as one plain sentence.
    public static func sentence(for outcome: Outcome, language: VerdictLanguage) -> String {
        language.wording.sentence(outcome) + "."
    }

    /// A remark on validity as a sentence.
    public static func sentence(for remark: ValidityRemark, language: VerdictLanguage) -> String {
        language.wording.sentence(remark) + "."
    }

    /// Why a check came to its result, as a sentence with its particulars in parentheses.
    public static func sentence(for check: CheckOutcome, language: VerdictLanguage) -> String {
        let wording = language.wording
        let particulars = DetailText(wording).text(check).map { " (\(printable($0)))" } ?? ""
        return wording.sentence(check.id, check.reason) + particulars + "."
    }

    /// What to do about a check, as a sentence; nil where nothing needs to be done.
    public static func advice(for check: CheckOutcome, language: VerdictLanguage) -> String? {
        Advice(check).map { language.wording.sentence($0) + "." }
    }

    /// What a check is called.
    public static func name(of check: CheckIdentifier, language: VerdictLanguage) -> String {
        language.wording.name(check)
    }

    private static func sign(_ result: CheckResult) -> String {
        switch result {
        case .passed: "✓"
        case .failed: "✗"
        case .notPerformed: "?"
        case .notApplicable: "–"
        }
    }

    private static func line(_ holder: Holder, _ wording: any VerdictWording.Type) -> String {
        let fields = [
            holder.fullName,
            holder.birthDate.map { "\(wording.heading(.born)) \(DetailText(wording).day($0))" },
            holder.personalNumber.map { "\(wording.heading(.personalNumber)) \($0)" },
        ]
        let text = printable(fields.compactMap { $0 }.joined(separator: ", "))
        let remark = holder.isProven ? "" : " (\(wording.heading(.notProven)))"
        return "\(wording.heading(.holder)): \(text)\(remark)."
    }

    private static func line(_ signer: SignerSummary, _ wording: any VerdictWording.Type) -> String {
        let fields = [
            signer.subject, signer.signatureAlgorithm ?? wording.heading(.unknownAlgorithm),
            signer.trustAnchor.map { "\(wording.heading(.trustedThrough)) \($0)" } ?? wording.heading(.notTrusted),
        ]
        return "\(wording.heading(.signer)): \(printable(fields.joined(separator: "; ")))."
    }

    /// The text with every character that a terminal or a page would obey instead of show replaced by U+FFFD.
    static func printable(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { result.append(isObeyed(scalar) ? "\u{FFFD}" : scalar) }
        return String(result)
    }

    private static func isObeyed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: true
        default: scalar.properties.isBidiControl
        }
    }
}
