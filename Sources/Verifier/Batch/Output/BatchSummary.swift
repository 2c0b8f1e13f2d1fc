/// What a batch came to. Summaries of parts add up to that of the whole.
public struct BatchSummary: Codable, Equatable, Sendable {
    /// Records, readable or not.
    public var records = 0
    /// Records that are no card images.
    public var unreadable = 0
    /// Records by outcome.
    public var outcomes: [String: Int] = [:]
    /// Records by failed check.
    public var failedChecks: [String: Int] = [:]
    /// Records by remark on validity.
    public var validity: [String: Int] = [:]
    /// Records by serial number of the signer's certificate; `none` where there is none, `others` beyond the first
    /// thousand signers.
    public var signers: [String: Signer] = [:]

    /// The records of a document signer.
    public struct Signer: Codable, Equatable, Sendable {
        /// The subject of his certificate (RFC 2253).
        public var subject: String
        /// Records that he signed.
        public var records = 0
        /// Those among them whose data is proven.
        public var proven = 0
    }

    /// More signers than this are counted together.
    public static let maximumSigners = 1000

    /// Nothing yet.
    public init() {}

    /// Adds what another part came to.
    public mutating func add(_ other: BatchSummary) {
        records += other.records
        unreadable += other.unreadable
        outcomes.merge(other.outcomes, uniquingKeysWith: +)
        failedChecks.merge(other.failedChecks, uniquingKeysWith: +)
        validity.merge(other.validity, uniquingKeysWith: +)
        for (serial, signer) in other.signers.sorted(by: { $0.key < $1.key }) { add(signer, serial) }
    }

    mutating func addUnreadable() {
        records += 1
        unreadable += 1
    }

    mutating func add(
        outcome: Outcome, validity remarks: [ValidityRemark], checks: [CheckOutcome], signer: SignerSummary?,
        count: Int = 1
    ) {
        records += count
        outcomes[outcome.rawValue, default: 0] += count
        for check in checks where check.result == .failed { failedChecks[check.id.rawValue, default: 0] += count }
        for remark in remarks { validity[remark.rawValue, default: 0] += count }
        let isProven = outcome == .genuine || outcome == .authenticData
        add(
            Signer(subject: signer?.subject ?? "", records: count, proven: isProven ? count : 0),
            signer?.serialNumber ?? "none")
    }

    private mutating func add(_ signer: Signer, _ serial: String) {
        let isRoom = signers[serial] != nil || signers.count < Self.maximumSigners
        let key = isRoom ? serial : "others"
        signers[key, default: Signer(subject: isRoom ? signer.subject : "")].records += signer.records
        signers[key]?.proven += signer.proven
    }
}
