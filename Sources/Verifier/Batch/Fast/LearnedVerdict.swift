/// The verdict on every card of one kind by one signer, put together once.
final class LearnedVerdict: Sendable {
    let signer: LearnedSigner
    let outcome: Outcome
    let validity: [ValidityRemark]
    let checks: [CheckOutcome]
    /// How the verdict is written, apart from the record's number and name.
    let encoding: [UInt8]

    init(_ signer: LearnedSigner, _ document: LearnedDocument, _ encoder: ResultEncoder) {
        self.signer = signer
        let order = CheckIdentifier.allCases
        let checks = (signer.outcomes + document.outcomes).sorted { a, b in
            (order.firstIndex(of: a.id) ?? 0) < (order.firstIndex(of: b.id) ?? 0)
        }
        self.checks = checks
        outcome = Outcome(checks)
        validity = document.validity
        encoding = encoder.encoding(
            BatchVerdict(outcome: outcome, validity: validity, checks: checks, signer: signer.summary))
    }
}

/// A verdict as batches report it: without the holder.
public struct BatchVerdict: Equatable, Sendable {
    /// The answer in one word.
    public let outcome: Outcome
    /// What speaks against using the document.
    public let validity: [ValidityRemark]
    /// Every check in the order of `CheckIdentifier`.
    public let checks: [CheckOutcome]
    /// Who signed it; nil when no signer's certificate was found.
    public let signer: SignerSummary?

    init(outcome: Outcome, validity: [ValidityRemark], checks: [CheckOutcome], signer: SignerSummary?) {
        self.outcome = outcome
        self.validity = validity
        self.checks = checks
        self.signer = signer
    }

    init(_ verdict: Verdict) {
        self.init(
            outcome: verdict.outcome, validity: verdict.validity, checks: verdict.checks, signer: verdict.signer)
    }
}

extension Verdict {
    /// Whether a check passed with nothing to tell.
    func passed(_ id: CheckIdentifier) -> Bool { check(id).map { $0.result == .passed && $0.reason == .ok } ?? false }
}
