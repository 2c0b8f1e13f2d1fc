/// What callers are to this machine; what each may do can be configured.
public enum Role: String, CaseIterable, Sendable, Codable {
    /// The check-in of a clinic.
    case terminal
    /// An officer's desk, who may see everything that the card says.
    case kiosk
    /// Programs that check in bulk, without a card in a reader.
    case batch
    /// Who looks after what was done, and sees no card.
    case auditor
    /// Who runs this machine.
    case admin
}

/// What one caller may do.
public struct Rights: Equatable, Sendable {
    /// The calls that are answered.
    public var permissions: Set<Permission>
    /// What is told about holders.
    public var fields: Set<AnswerField>
    /// Requests that are answered in a minute, as a mean; nil for any number.
    public var requestsPerMinute: Int?

    /// No right at all.
    static let none = Rights(permissions: [], fields: [], requestsPerMinute: nil)

    /// What a role may do unless configured otherwise.
    public init(_ role: Role) {
        switch role {
        case .terminal:
            self.init(
                permissions: [.health, .readers, .checkIn, .read, .portrait, .insurance, .events, .receipts, .metrics],
                fields: Self.patientFields,
                requestsPerMinute: 600)
        case .kiosk:
            self.init(
                permissions: [.health, .readers, .checkIn, .read, .verify, .portrait, .events, .receipts, .metrics],
                fields: Set(AnswerField.allCases).subtracting([.insurance]), requestsPerMinute: 600)
        case .batch:
            self.init(permissions: [.health, .verify, .insurance], fields: Self.patientFields, requestsPerMinute: nil)
        case .auditor:
            self.init(permissions: [.health, .receipts, .metrics, .audit], fields: [], requestsPerMinute: 600)
        case .admin:
            self.init(
                permissions: Set(Permission.allCases), fields: Set(AnswerField.allCases), requestsPerMinute: nil)
        }
    }

    init(permissions: Set<Permission>, fields: Set<AnswerField>, requestsPerMinute: Int?) {
        self.permissions = permissions
        self.fields = fields
        self.requestsPerMinute = requestsPerMinute
    }

    /// What a clinic needs to treat and to bill somebody. His faith, his family and his marks are none of its business.
    private static let patientFields = Set(AnswerField.allCases).subtracting([
        .religion, .ethnicity, .identifyingFeatures, .fatherName, .motherName, .spouseName, .oldNumber,
    ])
}
