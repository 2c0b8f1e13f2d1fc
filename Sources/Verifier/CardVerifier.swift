/// Judges cards: what is proven, what is not, and why.
///
///     let (trust, _) = try TrustStore.load(["csca.cer"])
///     let verdict = CardVerifier(trust: trust).verify(Evidence(image: image))
///     if verdict.outcome == .genuine { … }
///
/// A value without state; safe to use from any number of threads.
public struct CardVerifier: Sendable {
    /// Whom the user trusts.
    public let trust: TrustStore
    /// What the user insists on.
    public let policy: VerificationPolicy

    /// - Parameters:
    ///   - trust: Whom the user trusts.
    ///   - policy: What the user insists on.
    public init(trust: TrustStore, policy: VerificationPolicy = VerificationPolicy()) {
        self.trust = trust
        self.policy = policy
    }

    /// Judges one card (Doc 9303-11, 5.1 for passive authentication). Never fails: what cannot be judged is told as such.
    public func verify(_ evidence: Evidence) -> Verdict {
        verdict(on: examine(evidence))
    }

    /// Takes a card apart for the checks.
    func examine(_ evidence: Evidence) -> Examination { Examination(evidence, trust: trust, policy: policy) }

    /// Judges a card that was taken apart.
    func verdict(on examination: Examination) -> Verdict {
        let checks = Self.checks.map { $0.outcome(examination) }
        let outcome = Outcome(checks)
        return Verdict(
            outcome: outcome,
            validity: checks.compactMap(Self.remark),
            checks: checks,
            holder: Holder(examination, outcome: outcome),
            signer: SignerSummary(examination.principalSigner))
    }

    private static let checks: [any Check.Type] = [
        SecurityObjectStructure.self, SecurityObjectMessageDigest.self, SecurityObjectSignature.self,
        SignerChain.self, SignerValidity.self, SignerUsage.self, SignerRevocation.self, SignerStrength.self,
        DataGroupHashes.self, DataGroupCompleteness.self, DataGroupIndex.self,
        ChipAuthentication.self, ActiveAuthentication.self, CardSecuritySignature.self, AccessDowngrade.self,
        HolderConsistency.self, DocumentExpiry.self, DocumentLoss.self,
    ]

    private static func remark(_ check: CheckOutcome) -> ValidityRemark? {
        switch (check.id, check.result, check.reason) {
        case (.documentExpiry, .failed, _): .expired
        case (.documentExpiry, .notPerformed, _): .expiryUnknown
        case (.documentLost, .failed, _): .reportedLost
        default: nil
        }
    }
}
