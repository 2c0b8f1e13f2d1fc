import Verifier

/// Who judges cards: the verifier, or a script in a test.
protocol Judge: Sendable {
    /// How many authorities are trusted; with none, nothing can be proven.
    var anchorCount: Int { get }

    /// Judges one card; never fails.
    func verify(_ evidence: Evidence) -> Verdict
}

extension CardVerifier: Judge {
    var anchorCount: Int { trust.anchors.count }
}
