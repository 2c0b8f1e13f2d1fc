/// Something that knows who is insured: an embedded registry, a server's, or the national gateway.
///
/// Calls may block on a disk or a network and come from any thread but the cooperative pool's.
public protocol InsuranceSource: Sendable {
    /// The name under which its answers are given: `registry`, `postgresql`, `gateway`.
    var name: String { get }

    /// Decides one question.
    ///
    /// "Not insured" is a decision. An error means that there is none, and that another source may be asked.
    func decide(_ question: EligibilityQuestion) throws(RegistryError) -> EligibilityDecision

    /// How much the source knows and how old it is.
    func status() throws(RegistryError) -> RegistryStatus
}

/// How much a source knows and how old it is.
public struct RegistryStatus: Equatable, Sendable, Codable {
    /// The source's name.
    public let source: String
    /// Records; nil where the source does not tell.
    public let rows: Int?
    /// When the last load ended; nil when nothing was loaded yet.
    public let loadedAt: Timestamp?
    /// The moment whose truth the data is.
    public let dataAsOf: Timestamp?
    /// How old the source promises its data to be at most, in seconds.
    public let promisedAge: Int?
    /// How old the data is now, in seconds.
    public let age: Int?
    /// Whether the data is older than promised; nil without a promise.
    public let isOlderThanPromised: Bool?
    /// Cards reported lost and not found.
    public let lostCards: Int
}
