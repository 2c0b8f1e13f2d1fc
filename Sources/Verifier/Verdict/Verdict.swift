/// The answer about a card: what is proven, what is not, and why.
public struct Verdict: Equatable, Sendable {
    /// The answer in one word.
    public let outcome: Outcome
    /// What speaks against using the document today, beside its being genuine; empty when nothing does.
    public let validity: [ValidityRemark]
    /// Every check in the order of `CheckIdentifier`.
    public let checks: [CheckOutcome]
    /// Whose document it says it is; nil when no data about the holder could be read.
    public let holder: Holder?
    /// Who signed it; nil when no signer's certificate was found.
    public let signer: SignerSummary?

    /// The check named `id`; every verdict holds every check.
    public func check(_ id: CheckIdentifier) -> CheckOutcome? { checks.first { $0.id == id } }
}

/// The answer in one word.
public enum Outcome: String, Codable, Sendable, CaseIterable {
    /// The data is signed by a trusted State signer and unaltered, and the chip proved that it is the original.
    case genuine
    /// The data is proven; the chip is not.
    case authenticData
    /// A check failed.
    case invalid
    /// Nothing failed, but something that the answer needs is missing.
    case unverified
}

/// What speaks against using a document today.
public enum ValidityRemark: String, Codable, Sendable, CaseIterable {
    /// Its date has passed.
    case expired
    /// It was reported lost.
    case reportedLost
    /// When it expires could not be read.
    case expiryUnknown
}

extension Outcome {
    /// What must have passed before data is called proven.
    static let requiredForData: [CheckIdentifier] = [
        .sodStructure, .sodSignature, .signerChain, .signerValidity, .signerUsage, .dataGroupsHash,
    ]
    /// Either of these proves the chip.
    static let provingChip: [CheckIdentifier] = [.chipAuthentication, .chipActiveAuthentication]

    init(_ checks: [CheckOutcome]) {
        let failed = checks.contains { $0.result == .failed && !$0.id.concernsValidity }
        let passed = Set(checks.filter { $0.result == .passed }.map(\.id))
        if failed {
            self = .invalid
        } else if !passed.isSuperset(of: Self.requiredForData) {
            self = .unverified
        } else {
            self = passed.isDisjoint(with: Self.provingChip) ? .authenticData : .genuine
        }
    }
}

extension Verdict: Codable {}
