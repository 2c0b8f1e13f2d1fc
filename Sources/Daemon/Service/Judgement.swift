import Verifier

/// The verdict without the holder, who stands beside it.
struct Judgement: Encodable {
    var outcome: Outcome
    var validity: [ValidityRemark]
    var checks: [CheckOutcome]
    var signer: SignerSummary?
    /// The verdict in sentences, by the language's code; nil when they were not asked for.
    var texts: [String: JudgementText]?
}

extension Judgement {
    init(_ verdict: Verdict, texts languages: [VerdictLanguage]) {
        if !languages.isEmpty {
            texts = Dictionary(
                languages.map { ($0.rawValue, JudgementText(verdict, in: $0)) }, uniquingKeysWith: { $1 })
        }
        outcome = verdict.outcome
        validity = verdict.validity
        checks = verdict.checks
        signer = verdict.signer
    }
}
