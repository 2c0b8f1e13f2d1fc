import Verifier

/// A verdict in the sentences of one language, for programs that show it to people.
struct JudgementText: Encodable {
    /// One check.
    struct Check: Encodable {
        /// What it is called.
        var name: String
        /// Why it came to its result.
        var message: String
        /// What to do; absent where nothing needs to be done.
        var advice: String?
    }

    /// The answer.
    var outcome: String
    /// What speaks against using the card today, in the order of the verdict.
    var validity: [String]
    /// The checks by their identifiers.
    var checks: [String: Check]

    init(_ verdict: Verdict, in language: VerdictLanguage) {
        outcome = VerdictText.sentence(for: verdict.outcome, language: language)
        validity = verdict.validity.map { VerdictText.sentence(for: $0, language: language) }
        checks = Dictionary(
            verdict.checks.map { check in
                (
                    check.id.rawValue,
                    Check(
                        name: VerdictText.name(of: check.id, language: language),
                        message: VerdictText.sentence(for: check, language: language),
                        advice: VerdictText.advice(for: check, language: language))
                )
            }, uniquingKeysWith: { $1 })
    }
}
